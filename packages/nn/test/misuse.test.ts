import { describe, expect, expectTypeOf, test } from "vitest";
import { type DType, ones, tensor, type Tensor } from "@downhill/core";
import {
  CrossEntropyLoss,
  functional,
  Identity,
  Linear,
  Module,
  NLLLoss,
  Parameter,
  ReLU,
  Sequential,
} from "@downhill/nn";

describe("a plain tensor in a parameter's place", () => {
  // What the compiler refuses, a program in JavaScript can do.
  const weight = tensor([[1, 2]], { requiresGrad: true });
  const message =
    'Linear: cannot take Tensor([1, 2]) as parameter "weight": it must be a Parameter or null\n  hint: wrap it: module.weight = new Parameter(x), or assign null';

  test("does not compile", () => {
    expectTypeOf<Tensor>().not.toExtend<Parameter>();
    expectTypeOf<Parameter>().toExtend<Tensor>();
  });

  test("is refused by forward, by every walk and by the state dict of a layer that has just been made", () => {
    const layer = new Linear(2, 1);
    Object.assign(layer, { weight });
    expect(() => layer.forward(ones([1, 2]))).toThrow(message);
    expect(() => [...new Sequential(layer).parameters()]).toThrow(message);
    expect(() => layer.stateDict()).toThrow(message);
    const other = new Linear(2, 1, { bias: false });
    Object.assign(other, { bias: tensor([1]) });
    expect(() => other.forward(ones([1, 2]))).toThrow('as parameter "bias"');
    expect(() => [...other.parameters()]).toThrow('as parameter "bias"');
  });

  test("is refused in a module of one's own once its parameters have been walked, and null is not", () => {
    class Scale extends Module {
      scale: Parameter | null = new Parameter(ones([2]));
      constant: Tensor = ones([2]);
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    const net = new Scale();
    expect([...net.parameters()]).toHaveLength(1);
    net.scale = null;
    net.constant = tensor([3]);
    expect([...net.parameters()]).toHaveLength(0);
    Object.assign(net, { scale: tensor([1, 2]) });
    expect(() => net.zeroGrad()).toThrow('Scale: cannot take Tensor([2]) as parameter "scale"');
    net.scale = new Parameter(tensor([1, 2]));
    expect([...net.parameters()]).toEqual([net.scale]);
  });
});

test("a hook that returns null keeps arguments and result, as one that returns nothing", async () => {
  const layer = new Identity();
  layer.registerForwardPreHook(() => null);
  layer.registerForwardHook(() => null);
  expect(await layer.forward(tensor([1, 2])).tolist()).toEqual([1, 2]);
});

describe("errors name what is wrong", () => {
  test.each<[string, () => unknown, string]>([
    ["a hook", () => new Identity().registerForwardHook(3 as never), "registerForwardHook: a hook must be a function"],
    ["apply", () => new Identity().apply(3 as never), "apply: expects a function of a module, got 3"],
    ["bias", () => new Linear(2, 1, { bias: "no" as never }), 'Linear: bias must be true or false, got "no"'],
    ["inplace", () => new ReLU({ inplace: "yes" as never }), 'ReLU: inplace must be true or false, got "yes"'],
    [
      "int32",
      () => new Linear(2, 1, { dtype: "int32" }),
      'Linear: dtype must be "float16", "float32" or "float64", got "int32"',
    ],
    ["a fruit", () => new Linear(2, 1, { dtype: "banana" as DType }), 'Linear: dtype must be .* got "banana"'],
    [
      "weight",
      () => new CrossEntropyLoss({ weight: [1, 2] as never }),
      "CrossEntropyLoss: weight must be a tensor, got .*\n  hint: make one: tensor",
    ],
    ["NLLLoss", () => new NLLLoss({ weight: 3 as never }), "NLLLoss: weight must be a tensor, got 3"],
    [
      "the functional weight",
      () => functional.crossEntropy(ones([1, 2]), tensor([0], { dtype: "int32" }), { weight: [1, 2] as never }),
      "crossEntropy: weight must be a tensor",
    ],
    ["JSON", () => JSON.stringify(new Linear(1, 1)), "Linear: a module has no JSON form\n  hint: .*tolist"],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(new RegExp(message));
  });
});

test("crossEntropy's example prints what it says", async () => {
  const logits = tensor([[2, 0, 0], [0, 0, 3]]); // prettier-ignore
  const loss = functional.crossEntropy(logits, tensor([0, 2], { dtype: "int32" }));
  expect((await loss.item()).toFixed(4)).toBe("0.1672");
});
