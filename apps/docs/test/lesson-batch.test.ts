import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  experiment as accumulate,
  type Settings,
  type State,
} from "../src/lesson/08-the-batch-that-fits/accumulate.experiment.js";
import { experiment as fit } from "../src/lesson/08-the-batch-that-fits/fit.experiment.js";
import { take } from "./take.js";

const settings: Settings = { seed: 0, parts: "4", numbers: "float32", layer: "none" };
const last = async (change: Partial<Settings>): Promise<State> =>
  (await take(accumulate({ ...settings, ...change }), 20)).at(-1)!;
const equal = ({ whole, sum }: State): number => whole.filter((value, i) => value === sum[i]).length;

describe("memory and speed of a batch", () => {
  it("counts what a step holds: three numbers for each weight, the batch, and gradients once", async () => {
    const states = await take(fit({ seed: 0, width: 32, budget: 16, gpu: false }), 13);
    expect(states.map(({ size }) => size)).toEqual(Array.from({ length: 13 }, (_, n) => 2 ** n));
    const weights = 784 * 32 + 32 + 32 * 10 + 10;
    for (const { size, cpu } of states) {
      const { state, batch, results, arena, data, peak } = cpu.planned;
      // Blocks are rounded up a little.
      expect(state / (3 * 4 * weights)).toBeCloseTo(1, 2);
      expect(batch / (size * 785 * 4)).toBeGreaterThanOrEqual(1);
      expect(batch).toBeLessThan(size * 785 * 4 + 128);
      expect(results).toBeGreaterThanOrEqual(4 * 784 * 32); // small gradients lie in JavaScript's own arrays
      expect(peak).toBe(state + batch + results + arena + data);
    }
    const peaks = states.map(({ cpu }) => cpu.planned.peak);
    expect(peaks).toEqual(peaks.toSorted((a, b) => a - b));
  });

  it("names the largest batch within the budget, which its own plans agree with", async () => {
    const { cpu } = (await take(fit({ seed: 0, width: 32, budget: 8, gpu: false }), 1))[0]!;
    const states = await take(fit({ seed: 0, width: 32, budget: 8, gpu: false }), 13);
    for (const { size, cpu: { planned } } of states) expect(planned.peak <= 8 * 2 ** 20).toBe(size <= cpu.largest); // prettier-ignore
  });

  it("has measured something, and more memory in use for a larger batch", async () => {
    const states = await take(fit({ seed: 0, width: 32, budget: 16, gpu: false }), 13);
    for (const { cpu } of states) expect(cpu.perSecond).toBeGreaterThan(0);
    expect(states.at(-1)!.cpu.inUse).toBeGreaterThan(10 * 2 ** 20); // the batch alone has 12.25 MB
  });

  it("plans the same each time, whatever it measures", async () => {
    const plans = async (): Promise<unknown[]> =>
      (await take(fit({ seed: 0, width: 32, budget: 16, gpu: false }), 5)).map(({ cpu: { planned, largest } }) => ({
        planned,
        largest,
      }));
    expect(await plans()).toEqual(await plans());
  });
});

describe("a batch in parts", () => {
  it("gives the gradient of the whole batch but for rounding, in any number of parts", async () => {
    for (const parts of ["2", "4", "8", "16"] as const) {
      const state = await last({ parts });
      expect(state.done).toBe(Number(parts));
      for (const [i, value] of state.whole.entries()) expect(Math.abs(value - state.sum[i]!)).toBeLessThan(1e-6);
      expect(Math.min(...state.bits)).toBeGreaterThanOrEqual(16);
    }
    expect(Math.min(...(await last({ numbers: "float64" })).bits)).toBeGreaterThanOrEqual(45);
  });

  it("is equal to the last bit where nothing is rounded, and not where something is", async () => {
    for (const seed of [0, 1, 2]) {
      const whole = await last({ numbers: "whole", seed });
      expect(equal(whole)).toBe(161);
      expect(new Set(whole.bits)).toEqual(new Set([24]));
    }
    const rounded = await last({});
    expect(equal(rounded)).toBe(38); // as the chapter says
    expect(Math.min(...rounded.bits)).toBe(20);
  });

  it("adds up part by part: after k parts of whole numbers, the gradients of those samples over their count", async () => {
    const states = await take(accumulate({ ...settings, numbers: "whole" }), 5);
    expect(states.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(states[0]!.sum)).toEqual(new Set([0]));
    // Bias of the last layer: the mean of 2 (prediction - y), so quarters of it add up in steps of 2 / 256.
    for (const { sum } of states) expect((sum.at(-1)! * 128) % 1).toBe(0);
  });

  it("is another gradient with batch norm and with dropout, whatever the numbers", async () => {
    for (const layer of ["batchNorm", "dropout"] as const) {
      for (const numbers of ["float32", "float64"] as const) {
        const { whole, sum, bits } = await last({ layer, numbers });
        expect(equal({ whole, sum } as State)).toBe(0);
        expect(Math.min(...bits)).toBeLessThan(5);
        expect(Math.max(...whole.map((value, i) => Math.abs(value - sum[i]!)))).toBeGreaterThan(0.05);
      }
    }
  });

  it("has PyTorch's gradients, and with whole numbers as many equal entries as PyTorch printed", async () => {
    const text = await readFile(
      new URL("../src/lesson/08-the-batch-that-fits/accumulate.pytorch.txt", import.meta.url),
      "utf8",
    );
    const words = { "linear layers only": "none", "batch norm": "batchNorm", "whole numbers": "whole", float32: "float32", float64: "float64" } as const; // prettier-ignore
    const row = /^(.+), (.+): (\d+) of (\d+) entries equal, largest difference .*, largest entry (.+)$/;
    const rows = text
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("dropout")); // other masks than PyTorch's
    expect(rows.length).toBe(6);
    for (const line of rows) {
      const [, layer, numbers, same, of, largest] = row.exec(line)!;
      const state = await last({ layer: words[layer as "batch norm"], numbers: words[numbers as "float32"] });
      expect(state.whole.length).toBe(Number(of));
      expect(Math.max(...state.whole.map(Math.abs))).toBeCloseTo(Number(largest), 4);
      if (line.startsWith("linear layers only, whole")) expect(equal(state)).toBe(Number(same));
    }
  });
});
