/** The programs of the bench, run without a page. */
import { describe, expect, it } from "vitest";
import { benchProgram, type BenchState, shownProgram, side } from "../src/bench/bench-program.js";
import { activations, type BenchSettings, dataSets, firstSettings, optimizers } from "../src/bench/bench-settings.js";
import { doors } from "../src/runtime/doors.js";
import { Evaluator } from "../src/runtime/evaluate.js";

async function states(changed: Partial<BenchSettings>, count: number): Promise<BenchState[]> {
  const evaluator = new Evaluator({ doors, scope: {} });
  const { experiment } = await evaluator.run(benchProgram({ ...firstSettings, ...changed }));
  const taken: BenchState[] = [];
  for await (const state of (experiment as () => AsyncGenerator<BenchState>)()) {
    taken.push(state);
    if (taken.length === count) break;
  }
  return taken;
}

const keys = <Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] => Object.keys(record) as Key[];

describe("every choice is a program that runs", () => {
  const choices: Partial<BenchSettings>[] = [
    ...keys(dataSets).map((data) => ({ data })),
    ...keys(optimizers).map((optimizer) => ({ optimizer })),
    ...activations.map((activation) => ({ activation })),
    { layers: [] },
    { layers: [3, 2, 5] },
    { regularization: "L1" },
    { regularization: "L2" },
  ];
  it.each(choices)("%j", async (changed) => {
    const [first, second] = await states(changed, 2);
    expect(second).toMatchObject({ epoch: 1, batch: 1 });
    expect(second!.trainLoss).not.toBe(first!.trainLoss);
    expect(second!.border).toHaveLength(side * side);
    expect(second!.border.every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(second!.points.x.every((x) => x > -0.5 && x < 1.5)).toBe(true);
  });
});

it("ten epochs on two moons put most test points on their side", async () => {
  const all = await states({}, 301);
  expect(all.at(-1)).toMatchObject({ epoch: 10, batch: 30 });
  expect(all.at(-1)!.accuracy).toBeGreaterThan(0.85);
});

it("L2 is the optimizer's weight decay, L1 a term of the loss", () => {
  expect(benchProgram({ ...firstSettings, regularization: "L2", strength: 0.01 })).toContain("weightDecay: 0.01");
  expect(benchProgram({ ...firstSettings, regularization: "L1", strength: 0.01 })).toContain("abs().sum().mul(0.01)");
});

it("what is shown as code begins with what is run", () => {
  expect(shownProgram(firstSettings).startsWith(benchProgram(firstSettings))).toBe(true);
});
