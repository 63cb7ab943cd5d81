import { randn, manualSeed, type Tensor } from "@downhill/core";
import {
  BatchNorm1d,
  Conv2d,
  functional,
  GroupNorm,
  LayerNorm,
  Linear,
  RMSNorm,
  Sequential,
  type Module,
} from "@downhill/nn";
import { describe, expect, test } from "vitest";

const makers: Record<string, [make: () => Module & { forward(x: Tensor): Tensor }, shape: number[]]> = {
  Linear: [() => new Linear(8, 4), [5, 8]],
  Conv2d: [() => new Conv2d(2, 3, 3), [2, 2, 6, 6]],
  LayerNorm: [() => new LayerNorm(8), [5, 8]],
  RMSNorm: [() => new RMSNorm(8), [5, 8]],
  GroupNorm: [() => new GroupNorm(2, 4), [3, 4, 5]],
  BatchNorm1d: [() => new BatchNorm1d(4), [6, 4]],
};

describe("a layer in half precision", () => {
  test.each(Object.keys(makers))("%s gives what its float32 self gives, to float16's digits", async (name) => {
    manualSeed(0);
    const [make, shape] = makers[name]!;
    const layer = make();
    const input = randn(shape).half();
    // The same numbers in both precisions.
    layer.half();
    const state = layer.stateDict();
    const wide = make();
    wide.loadStateDict(state);
    const out = layer.forward(input);
    const expected = wide.forward(input.float());
    expect(out.dtype).toBe("float16");
    const differences = await out.float().sub(expected).abs().max().item();
    expect(differences).toBeLessThan(4e-3);
    out.float().pow(2).sum().backward();
    for (const parameter of layer.parameters()) {
      expect(parameter.dtype).toBe("float16");
      expect(parameter.grad?.dtype).toBe("float16");
    }
  });
});

test("norms, means and softmax pass through numbers that float16 cannot hold", async () => {
  const x = randn([4, 1000]).mul(100).half();
  for (const y of [x.var(), x.add(300).mean(), functional.layerNorm(x, [1000]), x.softmax(1)])
    expect(await y.isfinite().all().item()).toBe(true);
  expect(await x.std().item()).toBeCloseTo(100, -1);
});

test("half converts parameters and running statistics, and float converts back", () => {
  const model = new Sequential(new Linear(2, 3), new BatchNorm1d(3)).half();
  expect(Object.values(model.stateDict()).map(({ dtype }) => dtype)).toEqual([
    "float16",
    "float16",
    "float16",
    "float16",
    "float16",
    "float16",
    "int32",
  ]);
  model.train().forward(randn([4, 2]).half());
  for (const { dtype } of model.float().parameters()) expect(dtype).toBe("float32");
});
