/** The runtime in a page: workers, devices, and what ends them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as embedModule from "../src/embed.js";
import { launch, serve, type Site } from "./chromium.js";

declare const embed: typeof embedModule;

let browser: Browser;
let site: Site;
let page: Page;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playground-"));
  await build({
    configFile: join(import.meta.dirname, "../vite.config.ts"),
    logLevel: "error",
    build: {
      outDir: folder,
      minify: false,
      rolldownOptions: {
        input: join(import.meta.dirname, "page/runtime.ts"),
        output: { entryFileNames: "runtime.js" },
      },
    },
  });
  writeFileSync(join(folder, "index.html"), '<!doctype html><script type="module" src="runtime.js"></script>');
  site = await serve(folder);
  browser = await launch();
  page = await browser.newPage();
  await page.goto(site.address);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  site?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program in the page; the lines it logs, and how it ends. */
const run = (
  text: string,
  device: "cpu" | "webgpu" = "cpu",
): Promise<{ lines: string[]; outcome: embedModule.Outcome }> =>
  page.evaluate(
    async ([text, device]) => {
      const lines: string[] = [];
      const run = embed.runProgram(text, {
        device,
        onEvents: (events) => {
          for (const event of events)
            if (event.type === "log") lines.push(event.values.map((value) => value.text).join(" "));
        },
      });
      const outcome = await run.outcome;
      run.stop();
      return { lines, outcome };
    },
    [text, device] as const,
  );

const training = `
import { manualSeed, rand } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
manualSeed(0);
const x: import("@downhill/core").Tensor = rand([20, 1]);
const model = new Linear(1, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
for (let i = 0; i < 50; i++) {
  optimizer.zeroGrad();
  const loss = new MSELoss().forward(model.forward(x), x.mul(2));
  loss.backward();
  optimizer.step();
}
console.log((await new MSELoss().forward(model.forward(x), x.mul(2)).item()).toFixed(3));
`;

describe("runProgram", () => {
  it("trains on the cpu and on WebGPU, to the same loss", async () => {
    const cpu = await run(training);
    expect(cpu.outcome).toMatchObject({ type: "finished" });
    expect(cpu.lines).toHaveLength(1);
    const gpu = await run(training, "webgpu");
    expect(gpu.outcome).toMatchObject({ type: "finished" });
    expect(gpu.lines).toEqual(cpu.lines);
  });

  it("reports the user's line of an error", async () => {
    const { outcome } = await run(
      `import { ones } from "@downhill/core";\n\nconst a = ones([2, 3]);\na.matmul(ones([4, 3]));`,
    );
    expect(outcome).toMatchObject({ type: "failed", fault: { name: "ShapeError", line: 4, column: 3 } });
  });

  it("reports rejections that nobody caught", async () => {
    const { outcome } = await run(`void Promise.reject(new Error("lost"));\nawait new Promise(() => {});`);
    expect(outcome).toMatchObject({ type: "failed", fault: { message: "lost", line: 1 } });
  });

  it("stops while (true) within 250 ms", async () => {
    const { took, outcome } = await page.evaluate(async () => {
      let started: () => void = () => undefined;
      const isRunning = new Promise<void>((resolve) => (started = resolve));
      const run = embed.runProgram(`console.log("in");\nwhile (true) console.log("on");`, {
        onEvents: () => started(),
      });
      await isRunning;
      const start = performance.now();
      run.stop();
      const outcome = await run.outcome;
      return { took: performance.now() - start, outcome };
    });
    expect(outcome).toEqual({ type: "stopped" });
    expect(took).toBeLessThan(250);
  });
});

describe("openExperiment", () => {
  it("gives the states that a generator yields, as many as asked for, copied as they were", async () => {
    const text = `
      import { tensor } from "@downhill/core";
      export async function* experiment({ start }: { start: number }): AsyncGenerator<{ w: number }> {
        const state = { w: start };
        for (let i = 0; i < 3; i++) {
          yield state;
          state.w = await tensor(state.w).mul(2).item();
        }
      }`;
    const got = await page.evaluate(async (text) => {
      const experiment = await embed.openExperiment(text, { start: 3 });
      const stretches = [await experiment.next(), await experiment.next(5)];
      experiment.close();
      const late = await experiment.next().catch((error: unknown) => (error as Error).name);
      return [...stretches, late];
    }, text);
    expect(got).toEqual([
      { states: [{ w: 3 }], done: false },
      { states: [{ w: 6 }, { w: 12 }], done: true },
      "Stopped",
    ]);
  });

  it("starts again with other settings in the same worker, without running the module again", async () => {
    const text = `
      let runs = 0;
      runs++;
      export function* experiment({ from }: { from: number }) {
        for (let i = from; ; i++) yield [runs, i];
      }`;
    const got = await page.evaluate(async (text) => {
      const experiment = await embed.openExperiment(text, { from: 1 });
      const before = await experiment.next(2);
      await experiment.restart({ from: 10 });
      const after = await experiment.next(2);
      experiment.close();
      return [before.states, after.states];
    }, text);
    expect(got).toEqual([
      [[1, 1], [1, 2]], // prettier-ignore
      [[1, 10], [1, 11]], // prettier-ignore
    ]);
  });

  it("is ended by its signal also while the module is being evaluated", async () => {
    const name = await page.evaluate(async () => {
      const abort = new AbortController();
      const opening = embed.openExperiment("while (true);", {}, { signal: abort.signal });
      setTimeout(() => abort.abort(), 50);
      return opening.then(
        () => "opened",
        (error: unknown) => (error as Error).name,
      );
    });
    expect(name).toBe("Stopped");
  });

  it("says the line at which an experiment fails", async () => {
    const faults = await page.evaluate(async () => {
      const broken = await embed.openExperiment(`export async function* experiment() {\n  yield 1;\n  throw new Error("no");\n}`, {}); // prettier-ignore
      await broken.next();
      const fault = (error: unknown): embedModule.Fault => (error as embedModule.ProgramError).fault;
      return [await broken.next().catch(fault), await embed.openExperiment("export const a = 1;", {}).catch(fault)];
    });
    expect(faults[0]).toMatchObject({ message: "no", line: 3 });
    expect(faults[1]).toMatchObject({ message: expect.stringContaining("exports no experiment") as string });
  });
});

describe("checkExercise", () => {
  const check = `
    export async function check(user: { square?: (x: number) => number }) {
      if (user.square === undefined) return { ok: false, message: "export a function square" };
      return user.square(3) === 9 ? { ok: true, message: "right" } : { ok: false, message: "3 is not right" };
    }`;
  const verdict = (text: string, timeout = 10_000): Promise<embedModule.Verdict> =>
    page.evaluate(([text, check, timeout]) => embed.checkExercise(text, check, { timeout }), [
      text,
      check,
      timeout,
    ] as const);

  it("hands what the user exports to the check", async () => {
    expect(await verdict("export const square = (x: number) => x * x;")).toEqual({ ok: true, message: "right" });
    expect(await verdict("export const square = (x: number) => x;")).toEqual({ ok: false, message: "3 is not right" });
  });

  it("refuses code that fails, with its line, and code that never ends", async () => {
    expect(await verdict("\nthrow new Error('oh');")).toMatchObject({ ok: false, fault: { line: 2 } });
    expect(await verdict("export const square = (x) => { while (true); };", 500)).toMatchObject({
      ok: false,
      message: expect.stringContaining("never end") as string,
    });
  });
});
