import { type Tensor, tensor, ValueError } from "@downhill/core";
import { describe, expect, test } from "vitest";
import { Adam, CosineAnnealingLR, LambdaLR, SGD } from "../src/index.js";

function ready(): Tensor {
  const w = tensor([1], { requiresGrad: true });
  w.sum().backward();
  return w;
}

describe("settings that change after they were given", () => {
  test("step on out of their range, as in PyTorch", async () => {
    const w = ready();
    const optimizer = new SGD([w], { lr: 0.5 });
    const scheduler = new LambdaLR(optimizer, { lrLambda: (epoch) => (epoch ? -1 : 1) });
    optimizer.step();
    scheduler.step();
    expect(await w.item()).toBe(0.5);
    optimizer.step();
    expect(await w.item()).toBe(1);
    new SGD([ready()]).loadStateDict(optimizer.stateDict());
    optimizer.paramGroups[0]!.nesterov = true;
    optimizer.step();
    expect(await w.item()).toBe(1.5);
  });

  test("nesterov is checked where the optimizer is made, not in groups", () => {
    expect(() => new SGD([{ params: [ready()], nesterov: true }])).not.toThrow();
    expect(() => new SGD([ready()], { nesterov: true })).toThrow(
      "SGD: nesterov needs a momentum above 0 and dampening 0, got 0 and 0",
    );
    expect(() => new SGD([ready()], { nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow("got 0.9 and 0.1");
  });

  test.each<[string, object, string]>([
    ["NaN", { lr: NaN }, "Adam: lr must be a number of 0 or more, got NaN"],
    ["text", { eps: "small" }, 'Adam: eps must be a number of 0 or more, got "small"'],
    ["NaN in a pair", { betas: [0.9, NaN] }, "Adam: betas[1] must be in [0, 1), got NaN"],
  ])("%s is an error that names it", (_, settings, message) => {
    const optimizer = new Adam([ready()]);
    Object.assign(optimizer.paramGroups[0]!, settings);
    expect(() => {
      optimizer.step();
    }).toThrow(new ValueError(message));
  });
});

describe("schedulers", () => {
  test("refuse an epoch", () => {
    const scheduler = new LambdaLR(new SGD([ready()]), { lrLambda: () => 1 });
    expect(() => {
      (scheduler.step as (epoch: number) => void).call(scheduler, 5);
    }).toThrow(/^LambdaLR.step: takes no epoch, got 5\n {2}hint: .*lastEpoch/);
    expect(scheduler.lastEpoch).toBe(0);
  });

  test("take any period above 0: tMax 2.5", () => {
    const optimizer = new SGD([ready()], { lr: 1 });
    const scheduler = new CosineAnnealingLR(optimizer, { tMax: 2.5 });
    for (let epoch = 1; epoch <= 5; epoch++) {
      optimizer.step();
      scheduler.step();
      expect(optimizer.paramGroups[0]!.lr).toBeCloseTo((1 + Math.cos((Math.PI * epoch) / 2.5)) / 2, 12);
    }
  });
});

describe("step hooks", () => {
  test("that are there twice are removed one by one, each its own", () => {
    const optimizer = new SGD([ready()]);
    const calls: string[] = [];
    const twice = (): unknown => calls.push("twice");
    optimizer.registerStepPreHook(twice);
    optimizer.registerStepPreHook(() => calls.push("other"));
    const last = optimizer.registerStepPreHook(twice);
    last.remove();
    last.remove();
    optimizer.step();
    expect(calls).toEqual(["twice", "other"]);
  });

  test("are functions", () => {
    const optimizer = new SGD([ready()]);
    expect(() => optimizer.registerStepPreHook(3 as never)).toThrow(
      new ValueError("SGD.registerStepPreHook: a hook must be a function, got 3"),
    );
    expect(() => optimizer.registerStepPostHook(null as never)).toThrow("SGD.registerStepPostHook: a hook must be");
  });
});

test("a state dict whose state is no object is refused", () => {
  const optimizer = new SGD([ready()]);
  const { paramGroups } = optimizer.stateDict();
  const load = (state: unknown) => () => {
    optimizer.loadStateDict({ state, paramGroups } as never);
  };
  expect(load(null)).toThrow("SGD.loadStateDict: expects what stateDict() returns");
  expect(load({ 0: null })).toThrow("SGD.loadStateDict: the state of tensor 0 must be an object, got null");
});

test.each(["foreach", "fused", "capturable", "differentiable"])("%s is no option, and the error says why", (name) => {
  const message = new RegExp(`unknown option "${name}"\\n  hint: in PyTorch it chooses an implementation`);
  expect(() => new SGD([ready()], { [name]: true })).toThrow(message);
  expect(() => new SGD([{ params: [ready()], [name]: true }])).toThrow(message);
});
