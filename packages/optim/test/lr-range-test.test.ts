import { manualSeed, rand, type Tensor, tensor, ValueError } from "@downhill/core";
import { Linear } from "@downhill/nn";
import { describe, expect, test } from "vitest";
import { Adam, LBFGS, lrRangeTest, type OptimizerBase, SGD } from "../src/index.js";
import { flattened, valuesOf } from "./problem.js";

interface Setting {
  readonly optimizer: OptimizerBase<{ lr: number }>;
  readonly params: readonly Tensor[];
  readonly closure: () => Tensor;
}

function setting(make: (params: Iterable<Tensor>) => OptimizerBase<{ lr: number }>): Setting {
  manualSeed(0);
  const [X, model] = [rand([32, 2]), new Linear(2, 1)];
  const y = X.sum(1, { keepdim: true });
  const optimizer = make(model.parameters());
  const closure = (): Tensor => {
    optimizer.zeroGrad();
    const loss = model.forward(X).sub(y).square().mean();
    loss.backward();
    return loss;
  };
  return { optimizer, params: [...model.parameters()], closure };
}

describe("lrRangeTest", () => {
  test("suggests a rate with which the loss falls, and stops where it explodes", async () => {
    const { optimizer, closure } = setting((params) => new SGD(params));
    const { lrs, losses, smoothed, suggestion } = await lrRangeTest(optimizer, closure, { smoothing: 0.5 });
    expect(lrs.length).toBeLessThan(100);
    expect([losses.length, smoothed.length]).toEqual([lrs.length, lrs.length]);
    expect(lrs[0]).toBe(1e-7);
    expect(lrs[1]! / lrs[0]!).toBeCloseTo(1e8 ** (1 / 99), 10);
    expect(smoothed[0]).toBeCloseTo(losses[0]!, 12);
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(1);
    optimizer.paramGroups[0]!.lr = suggestion!;
    const first = await closure().item();
    for (let i = 0; i < 20; i++) optimizer.step(closure);
    expect(await closure().item()).toBeLessThan(0.5 * first);
  });

  test.each([
    ["Adam", (params: Iterable<Tensor>) => new Adam(params, { lr: 0.25 })],
    ["LBFGS", (params: Iterable<Tensor>) => new LBFGS(params, { lr: 0.25, maxIter: 2 })],
  ] as const)("leaves everything as it was: %s", async (_, make) => {
    const { optimizer, params, closure } = setting(make);
    await optimizer.step(closure);
    const buffer = tensor([1]);
    const facts = async (): Promise<unknown> => [
      await valuesOf([...params, buffer]),
      await valuesOf(params.map(({ grad }) => grad!)),
      await flattened(optimizer.stateDict()),
      optimizer.stepCount,
    ];
    const before = await facts();
    const counting = (): Tensor => {
      buffer.add_(1);
      return closure();
    };
    await lrRangeTest(optimizer, counting, { numSteps: 8, endLr: 0.1, mode: "linear", buffers: [buffer] });
    expect(await facts()).toEqual(before);
    let calls = 0;
    const failing = (): Tensor => {
      if (++calls === 3) throw new Error("no data");
      return closure();
    };
    await expect(lrRangeTest(optimizer, failing)).rejects.toThrow("no data");
    expect(await facts()).toEqual(before);
  });

  test("tries rates evenly, takes numbers and promises, and suggests nothing where the loss only rises", async () => {
    const { optimizer } = setting((params) => new SGD(params));
    let t = 0;
    const rising = (): Promise<number> => Promise.resolve(1 + t++ / 10);
    const options = { startLr: 1, endLr: 3, numSteps: 5, mode: "linear", smoothing: 0 } as const;
    const { lrs, losses, smoothed, suggestion } = await lrRangeTest(optimizer, rising, options);
    expect(lrs).toEqual([1, 1.5, 2, 2.5, 3]);
    expect(smoothed).toEqual(losses);
    expect(suggestion).toBe(null);
  });

  test.each([
    [{ startLr: 0 }, "lrRangeTest: startLr must be a finite number above 0, got 0"],
    [{ numSteps: 1 }, "lrRangeTest: numSteps must be an integer of 2 or more, got 1"],
    [{ mode: "log" }, 'lrRangeTest: mode must be "exp" or "linear", got "log"'],
    [{ smoothing: 1 }, "lrRangeTest: smoothing must be in [0, 1), got 1"],
  ])("refuses %j", async (options, message) => {
    const { optimizer, closure } = setting((params) => new SGD(params));
    await expect(lrRangeTest(optimizer, closure, options as object)).rejects.toThrow(new ValueError(message));
  });
});
