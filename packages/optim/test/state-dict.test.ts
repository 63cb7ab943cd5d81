import { type Tensor, tensor, zeros } from "@downhill/core";
import { describe, expect, test } from "vitest";
import { Adam, type Optimizer, type OptimizerStateDict, SGD } from "../src/index.js";
import { flattened } from "./problem.js";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** A tensor with a gradient of ones. */
function ready(...values: number[]): Tensor {
  const w = leaf(...values);
  w.sum().backward();
  return w;
}

describe("loadStateDict", () => {
  const made = (): [Optimizer<object>, Tensor] => {
    const w = ready(1, 2);
    const optimizer = new Adam([w], { lr: 0.1 });
    optimizer.step();
    return [optimizer, w];
  };
  const [{ state, paramGroups }] = [made()[0].stateDict()];
  const settings = paramGroups[0]!;
  const expAvg = zeros([2]);

  test.each([
    ["nothing", undefined, "expects what stateDict() returns, got undefined"],
    ["something else", { state, groups: [] }, "expects what stateDict() returns, got {state, groups}"],
    ["a module's", { weight: zeros([1]) }, "expects what stateDict() returns, got {weight}"],
    ["no state", { paramGroups }, "expects what stateDict() returns, got {paramGroups}"],
    [
      "other groups",
      { state, paramGroups: [settings, settings] },
      "the groups differ: they hold [1, 1] tensors in the state dict, [1] here",
    ],
    [
      "larger groups",
      { state, paramGroups: [{ ...settings, params: [0, 1] }] },
      "the groups differ: they hold [2] tensors in the state dict, [1] here",
    ],
    [
      "another optimizer's",
      new SGD([leaf(1)]).stateDict(),
      'unknown setting "momentum" in group 0\n  hint: is it the state of another optimizer?',
    ],
    [
      "bad settings",
      { state, paramGroups: [{ ...settings, lr: NaN }] },
      "Adam: lr must be a number of 0 or more, got NaN",
    ],
    [
      "other names",
      { state: { 0: { exp_avg: expAvg } }, paramGroups },
      'unknown name "exp_avg" in the state of tensor 0\n  hint: it has step, expAvg, expAvgSq, maxExpAvgSq',
    ],
    [
      "a tensor for a number",
      { state: { 0: { step: zeros([]) } }, paramGroups },
      "step of tensor 0 must be a number, got Tensor([])",
    ],
    [
      "a number for a tensor",
      { state: { 0: { expAvg: 3 } }, paramGroups },
      "expAvg of tensor 0 must be a tensor, got 3",
    ],
    [
      "another shape",
      { state: { 0: { expAvg: zeros([3]) } }, paramGroups },
      "expAvg of tensor 0 has shape [3], here [2]",
    ],
  ])("refuses %s, and changes nothing", async (_, dict, message) => {
    // prettier-ignore
    const [optimizer] = made();
    const before = structuredClone(await flattened(optimizer.stateDict()));
    expect(() => optimizer.loadStateDict(dict as OptimizerStateDict)).toThrow(message);
    expect(await flattened(optimizer.stateDict())).toEqual(before);
  });

  test("goes by place, whatever numbers the dict gives the tensors", async () => {
    const [optimizer] = made();
    optimizer.loadStateDict({
      state: { 7: { step: 3, expAvg: tensor([1, 2]) } },
      paramGroups: [{ ...settings, params: [7] }],
    });
    expect((await flattened(optimizer.stateDict())).state).toEqual({ 0: { step: 3, expAvg: [1, 2] } });
  });

  test("keeps settings that the dict lacks, and converts to the tensor's dtype", async () => {
    const [optimizer, w] = made();
    optimizer.loadStateDict({
      state: { 0: { expAvg: tensor([1, 2], { dtype: "float64" }) } },
      paramGroups: [{ params: [0], eps: 0.5 }],
    });
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.1, eps: 0.5 });
    expect(optimizer.paramGroups[0]!.params[0]).toBe(w); // toMatchObject would go through all that w leads to, the device's memory too
    expect((optimizer.state.get(w) as { expAvg: Tensor }).expAvg.dtype).toBe("float32");
  });

  test("gives two optimizers settings of their own", () => {
    const dict = made()[0].stateDict();
    const [[first], [second]] = [made(), made()];
    first.loadStateDict(dict);
    second.loadStateDict(dict);
    (first.paramGroups[0] as unknown as { betas: number[] }).betas[0] = 0.5;
    expect(second.paramGroups[0]).toMatchObject({ betas: [0.9, 0.999] });
    expect(dict.paramGroups[0]).toMatchObject({ betas: [0.9, 0.999] });
  });
});
