import { enableGrad, GradientError, isGradEnabled, noGrad, setGradEnabled, tensor, type Tensor } from "@downhill/core";
import { afterEach, describe, expect, test } from "vitest";

const w = tensor([1, 2], { requiresGrad: true });
const records = (): boolean => w.mul(2).requiresGrad;

afterEach(() => setGradEnabled(true));

describe("noGrad and enableGrad", () => {
  test("turn gradients off and on for one function, nested to any depth, and give back what it returns", () => {
    const seen = noGrad(() => [records(), enableGrad(() => [records(), noGrad(records), isGradEnabled()]), records()]);
    expect(seen).toEqual([false, [true, false, true], false]);
    expect(records()).toBe(true);
  });

  test("put the mode back when the function throws", () => {
    const stop = (): never => {
      throw new Error("stop");
    };
    expect(() => noGrad(() => enableGrad(stop))).toThrow("stop");
    expect(isGradEnabled()).toBe(true);
    expect(() => noGrad(stop)).toThrow("stop");
    expect(isGradEnabled()).toBe(true);
  });

  test("refuse a function that returns a Promise, and say why", () => {
    expect(() => noGrad(async () => w.sum().item())).toThrow(GradientError);
    expect(() => noGrad(async () => w.sum().item())).toThrow(
      /noGrad: the function returned a Promise, and what it does after its first await would run with gradients as they were\n {2}hint: compute inside noGrad and await the result outside/,
    );
    expect(() => enableGrad(() => Promise.resolve(1))).toThrow("enableGrad: the function returned a Promise");
    expect(isGradEnabled()).toBe(true);
    expect(() => noGrad(w as unknown as () => void)).toThrow("noGrad: takes a function");
  });

  test("leaves made inside still ask for gradients, and values do not", () => {
    const [made, value] = noGrad((): [Tensor, Tensor] => [tensor([1], { requiresGrad: true }), w.mul(2)]);
    expect([made.requiresGrad, made.isLeaf]).toEqual([true, true]);
    expect([value.requiresGrad, value.isLeaf]).toEqual([false, true]);
    expect(made.mul(2).requiresGrad).toBe(true);
  });
});

test("setGradEnabled holds until it is set again", () => {
  setGradEnabled(false);
  expect([isGradEnabled(), records(), enableGrad(records)]).toEqual([false, false, true]);
  setGradEnabled(true);
  expect([isGradEnabled(), records()]).toEqual([true, true]);
});

test("backward records gradients with createGraph only, whatever the mode around it", () => {
  const v = tensor([3], { requiresGrad: true });
  const y = v.mul(v).sum();
  noGrad(() => y.backward(undefined, { createGraph: true }));
  expect(v.grad!.requiresGrad).toBe(true);
  v.grad = null;
  enableGrad(() => y.backward());
  expect(v.grad!.requiresGrad).toBe(false);
});

describe("detach", () => {
  test("gives the value without the graph, as a value of its own", async () => {
    const v = tensor([1, 2], { requiresGrad: true });
    const still = v.detach();
    expect([still.requiresGrad, still.isLeaf]).toEqual([false, true]);
    noGrad(() => v.add_(10));
    expect([await still.tolist(), await v.tolist()]).toEqual([
      [1, 2],
      [11, 12],
    ]);
    expect(v.requiresGrad).toBe(true);
  });

  test("stops gradients on its path", async () => {
    const v = tensor([1, 2], { requiresGrad: true });
    v.detach().mul(v).sum().backward();
    expect(await v.grad!.tolist()).toEqual([1, 2]);
  });
});
