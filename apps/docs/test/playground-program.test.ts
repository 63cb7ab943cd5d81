import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { doors } from "playground/runtime/doors";
import { Evaluator } from "playground/runtime/evaluate";
import { hashOf, programIn } from "playground/link";
import { type FigureDefinition, startOf } from "../src/figure/figure-definition.js";
import { playgroundProgram } from "../src/figure/playground-program.js";

type AnyFigure = FigureDefinition<unknown, Record<string, unknown>>;
const lesson = join(import.meta.dirname, "../src/lesson");

async function figuresIn(file: string): Promise<AnyFigure[]> {
  const exported = Object.values((await import(join(lesson, file))) as Record<string, unknown>);
  return exported.filter(
    (value): value is AnyFigure => typeof value === "object" && value !== null && "panels" in value,
  );
}
const figures = (await Promise.all(globSync("*/*figure.tsx", { cwd: lesson }).sort().map(figuresIn))).flat();

describe("the program for the playground", () => {
  it("is there for every figure, each with a name of its own", () => {
    expect(figures.length).toBeGreaterThanOrEqual(globSync("*/*figure.tsx", { cwd: lesson }).length);
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
  });

  it.each(figures.map((figure) => [figure.name, figure] as const))(
    "of %s runs as it comes out of the link: it says and plots the experiment's first states",
    async (_, figure) => {
      const program = playgroundProgram(figure, figure.experiment, startOf(figure));
      const restored = programIn(hashOf(program))!;
      expect(restored).toBe(program);
      const [said, plotted]: [unknown[][], unknown[][]] = [[], []];
      const enough = /\+\+step > \d+/;
      expect(restored).toMatch(enough);
      const scope = {
        console: { log: (...values: unknown[]) => said.push(values) },
        plot: (...values: unknown[]) => plotted.push(values),
      };
      await new Evaluator({ doors, scope }).run(restored.replace(enough, "++step > 3"));
      expect(said.map(([first]) => first)).toEqual(["step 0", "step 1", "step 2", "step 3"]);
      expect(plotted.map(([, step]) => step)).toEqual([0, 1, 2, 3]);
    },
  );

  it("leaves out settings that only the drawing looks at, and has the rest as they are set", () => {
    const controls = {
      rate: { kind: "number", label: "Rate", start: 1, min: 0, max: 9, step: 1 },
      fog: { kind: "switch", label: "Fog", start: true, viewOnly: true },
      start: { kind: "place", start: null },
    } as const;
    const program = playgroundProgram({ controls }, "// text\n", { rate: 2, fog: false, start: [1, 2] as const });
    expect(program).toContain(`const settings: Settings = {"rate":2,"start":[1,2]};`);
  });
});

it("the link's own module brings no more than packing needs", () => {
  // It is loaded beside a figure; the playground behind it is not.
  const text = readFileSync(join(dirname(lesson), "../../playground/src/share/link.ts"), "utf8");
  expect([...text.matchAll(/from "(.*?)"/g)].map(([, from]) => from)).toEqual(["fflate"]);
});
