import { manualSeed, randn, tensor, type Tensor } from "@downhill/core";
import { Adam, GradScaler, SGD } from "@downhill/optim";
import { describe, expect, test } from "vitest";

const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });

/** Gives the next backward of `w` this gradient, scaled. */
function backward(scaler: GradScaler, w: Tensor, gradient: number[]): void {
  w.grad = null;
  scaler.scale(w.mul(tensor(gradient)).sum()).backward();
}

describe("a step", () => {
  test("is the one without a scaler where all is finite", async () => {
    manualSeed(0);
    const start = await randn([4]).tolist();
    const [plain, scaled] = [leaf(start as number[]), leaf(start as number[])];
    const optimizers = [new Adam([plain], { lr: 0.1 }), new Adam([scaled], { lr: 0.1 })] as const;
    const scaler = new GradScaler({ initScale: 1024 });
    for (let step = 0; step < 5; step++) {
      const gradient = (await randn([4]).tolist()) as number[];
      plain.grad = null;
      plain.mul(tensor(gradient)).sum().backward();
      optimizers[0].step();
      backward(scaler, scaled, gradient);
      scaler.step(optimizers[1]);
      scaler.update();
    }
    expect(await scaled.tolist()).toEqual(await plain.tolist());
  });

  test.each([Infinity, NaN])("with a gradient of %s changes no parameter, no state and no count", async (bad) => {
    const [w, untouched] = [leaf([1, 2]), leaf([1, 2])];
    const [optimizer, other] = [new Adam([w], { lr: 0.1 }), new Adam([untouched], { lr: 0.1 })];
    const scaler = new GradScaler({ initScale: 8 });
    backward(scaler, w, [1, bad]);
    scaler.step(optimizer);
    scaler.update();
    expect(await w.tolist()).toEqual([1, 2]);
    expect(await scaler.getScale()).toBe(4);
    // The first step that counts is Adam's first.
    backward(scaler, w, [1, 3]);
    scaler.step(optimizer);
    scaler.update();
    untouched
      .mul(tensor([1, 3]))
      .sum()
      .backward();
    other.step();
    expect(await w.tolist()).toEqual(await untouched.tolist());
    expect(optimizer.state.get(w)?.step).toBe(1);
  });
});

test("the scale grows after growthInterval good steps in a row, and starts to count anew after a bad one", async () => {
  const w = leaf([1]);
  const optimizer = new SGD([w], { lr: 0.1 });
  const scaler = new GradScaler({ initScale: 4, growthFactor: 3, backoffFactor: 0.25, growthInterval: 2 });
  const scales: number[] = [];
  for (const gradient of [1, 1, 1, Infinity, 1, 1]) {
    backward(scaler, w, [gradient]);
    scaler.step(optimizer);
    scaler.update();
    scales.push(await scaler.getScale());
  }
  expect(scales).toEqual([4, 12, 12, 3, 3, 9]);
});

test("unscale_ gives true gradients before the step, once", async () => {
  const w = leaf([1, 2]);
  const optimizer = new SGD([w], { lr: 1 });
  const scaler = new GradScaler();
  backward(scaler, w, [3, 4]);
  scaler.unscale_(optimizer);
  expect(await w.grad!.tolist()).toEqual([3, 4]);
  expect(() => scaler.unscale_(optimizer)).toThrow(/unscale_: it has been called on this optimizer/);
  scaler.step(optimizer);
  expect(() => scaler.step(optimizer)).toThrow(/GradScaler.step: it has been called/);
  expect(await w.tolist()).toEqual([-2, -2]);
  scaler.update();
  expect(() => scaler.update()).toThrow(/no step has been done/);
});

test("a state dict takes the scale and its age along", async () => {
  const w = leaf([1]);
  const optimizer = new SGD([w], { lr: 0.1 });
  const scaler = new GradScaler({ initScale: 16, growthInterval: 3 });
  for (let i = 0; i < 2; i++) {
    backward(scaler, w, [1]);
    scaler.step(optimizer);
    scaler.update();
  }
  const other = new GradScaler();
  other.loadStateDict(scaler.stateDict());
  expect(await other.getScale()).toBe(16);
  backward(other, w, [1]);
  other.step(optimizer);
  other.update();
  expect(await other.getScale()).toBe(32);
});

test("one that is off scales nothing", async () => {
  const w = leaf([1]);
  const scaler = new GradScaler({ enabled: false });
  backward(scaler, w, [2]);
  scaler.step(new SGD([w], { lr: 1 }));
  scaler.update();
  expect(await w.tolist()).toEqual([-1]);
  expect(await scaler.getScale()).toBe(1);
  expect(scaler.stateDict()).toEqual({});
});

test.each([
  [{ growthFactor: 1 }, /growthFactor must be a number of more than 1, got 1/],
  [{ backoffFactor: 1 }, /backoffFactor must be a number between 0 and 1, got 1/],
  [{ initScale: 0 }, /initScale must be a number of more than 0, got 0/],
])("%o is refused", (options, message) => {
  expect(() => new GradScaler(options)).toThrow(message);
});

test("gradients in float16 are refused: they have lost what scaling saves", () => {
  const w = tensor([1], { dtype: "float16", requiresGrad: true });
  const scaler = new GradScaler();
  scaler.scale(w.float().sum()).backward();
  expect(() => scaler.step(new SGD([w], { lr: 1 }))).toThrow(/a gradient is float16/);
});
