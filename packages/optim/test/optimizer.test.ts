import { isGradEnabled, noGrad, type Tensor, tensor, ValueError, zeros } from "@downhill/core";
import { Linear } from "@downhill/nn";
import { describe, expect, test, vi } from "vitest";
import { Adam, SGD } from "../src/index.js";
import { begin, descend, valuesOf } from "./problem.js";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** A tensor with a gradient of ones. */
function ready(...values: number[]): Tensor {
  const w = leaf(...values);
  w.sum().backward();
  return w;
}

describe("an optimizer's tensors", () => {
  test("come from any iterable, each once", () => {
    const model = new Linear(2, 1);
    expect(new SGD(model.parameters()).paramGroups[0]!.params).toEqual([model.weight, model.bias]);
    expect(new SGD(new Set([model.weight])).paramGroups[0]!.params).toEqual([model.weight]);
    function* groups(): Generator<{ params: Tensor; lr?: number }> {
      yield { params: model.weight };
      yield { params: model.bias!, lr: 0.5 };
    }
    const optimizer = new SGD(groups(), { lr: 0.1 });
    expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.1, 0.5]);
  });

  const w = leaf(1, 2);
  test.each([
    ["none", [], "SGD: got an empty list of parameters"],
    [
      "a tensor",
      w,
      "SGD: params must be an iterable of tensors or of groups, got Tensor([2])\n  hint: pass a list: [w]",
    ],
    [
      "a module",
      new Linear(1, 1),
      "SGD: params must be an iterable of tensors or of groups, got Linear\n  hint: pass model.parameters()",
    ],
    [
      "a function",
      function parameters() {
        return [w];
      },
      "SGD: params must be an iterable of tensors or of groups, got function parameters\n  hint: pass model.parameters()",
    ],
    [
      "null",
      null,
      "SGD: params must be an iterable of tensors or of groups, got null\n  hint: pass model.parameters()",
    ],
    [
      "text",
      "weights",
      'SGD: params must be an iterable of tensors or of groups, got "weights"\n  hint: pass model.parameters()',
    ],
    ["numbers", [w, 1], "SGD: can only update tensors, got 1 at place 1 of the group"],
    [
      "a computed tensor",
      [w, w.mul(2)],
      "SGD: can only update leaves; the tensor of shape [2] at place 1 of the group is computed from others\n  hint: pass x.detach().requiresGrad_(), and compute with that",
    ],
    [
      "one twice",
      [w, w],
      "SGD: the tensor of shape [2] at place 1 of the group stands in the groups already\n  hint: give each tensor to one group, once",
    ],
    [
      "one in two groups",
      [{ params: [w] }, { params: w }],
      "SGD: the tensor of shape [2] at place 0 of the group stands in the groups already\n  hint: give each tensor to one group, once",
    ],
    [
      "a group and a tensor",
      [{ params: [w] }, leaf(1)],
      "SGD: a group must be an object whose params are tensors, got Tensor([1])\n  hint: write { params: [w], lr: 0.1 }; a list holds either tensors or groups",
    ],
    [
      "a tensor and a group",
      [leaf(1), { params: [w] }],
      "SGD: can only update tensors, got {params} at place 1 of the group",
    ],
    [
      "a group without tensors",
      [{ lr: 0.1 }],
      "SGD: a group must be an object whose params are tensors, got {lr}\n  hint: write { params: [w], lr: 0.1 }; a list holds either tensors or groups",
    ],
    [
      "a group with an unknown option",
      [{ params: [w], rate: 0.1 }],
      'SGD: group: unknown option "rate"\n  hint: it takes lr, momentum, dampening, weightDecay, nesterov, maximize, initialLr',
    ],
    ["a group with a bad option", [{ params: [w], lr: -1 }], "SGD: lr must be a number of 0 or more, got -1"],
  ])("cannot be %s", (_, params, message) => {
    // prettier-ignore
    expect(() => new SGD(params as Iterable<Tensor>)).toThrow(new ValueError(message));
  });

  test("are left alone by a group that is refused", () => {
    const optimizer = new SGD([w]);
    expect(() => optimizer.addParamGroup({ params: [leaf(3), w] })).toThrow(ValueError);
    expect(() => optimizer.addParamGroup(null as never)).toThrow(ValueError);
    expect(optimizer.paramGroups.length).toBe(1);
  });

  test("stay as they are without a gradient, frozen or not", async () => {
    const [a, frozen, idle] = [ready(1, 2), tensor([3, 4]), leaf(5)];
    const optimizer = new SGD([a, frozen, idle], { lr: 0.5, weightDecay: 0.1, momentum: 0.9 });
    optimizer.step();
    expect(await valuesOf([frozen, idle])).toEqual([3, 4, 5]);
    expect([...optimizer.state.keys()]).toEqual([a]);
    expect(frozen.requiresGrad).toBe(false);
    expect(a.requiresGrad && a.isLeaf).toBe(true);
  });

  test("may have a gradient that was set by hand, and be frozen after backward", async () => {
    const [a, b] = [leaf(1, 2), ready(5)];
    a.grad = tensor([1, -1]);
    b.requiresGrad_(false);
    new SGD([a, b], { lr: 0.5 }).step();
    expect(await valuesOf([a, b])).toEqual([0.5, 2.5, 4.5]);
    expect([a.requiresGrad, b.requiresGrad]).toEqual([true, false]);
  });

  test("may be empty or 0-d", async () => {
    const empty = zeros([0, 2]).requiresGrad_();
    const single = tensor(2, { requiresGrad: true });
    const optimizer = new Adam([empty, single], { lr: 0.5 });
    empty.sum().add(single.mul(3)).backward();
    optimizer.step();
    expect(empty.shape).toEqual([0, 2]);
    expect(await single.item()).toBeCloseTo(1.5);
  });
});

describe("a step", () => {
  test("returns what its closure returns, which runs with gradients even under noGrad", async () => {
    const w = leaf(1);
    const optimizer = new SGD([w], { lr: 0.5 });
    const closure = vi.fn(() => {
      expect(isGradEnabled()).toBe(true);
      optimizer.zeroGrad();
      const loss = w.mul(w).sum();
      loss.backward();
      return loss;
    });
    const loss = noGrad(() => optimizer.step(closure));
    expect(await loss.item()).toBe(1);
    expect(await w.item()).toBe(0);
    expect(closure).toHaveBeenCalledOnce();
    expect(optimizer.step()).toBeUndefined();
  });

  test("waits for an asynchronous closure", async () => {
    const w = ready(1);
    const optimizer = new SGD([w], { lr: 0.5 });
    const done = optimizer.step(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return "loss";
    });
    expect(await w.item()).toBe(1);
    expect(await done).toBe("loss");
    expect(await w.item()).toBe(0.5);
  });

  test("refuses a closure that is no function", () => {
    expect(() => new SGD([leaf(1)]).step(3 as never)).toThrow("SGD.step: the closure must be a function, got 3");
  });

  test("calls hooks before and after, with values of their moment, until they are removed", async () => {
    const w = ready(1);
    const optimizer = new SGD([w], { lr: 0.5 });
    const calls: unknown[] = [];
    const before = optimizer.registerStepPreHook((it) => calls.push("before", it === optimizer, w.item()));
    const after = optimizer.registerStepPostHook(() => calls.push("after", w.item()));
    optimizer.step(() => calls.push("closure"));
    expect(await Promise.all(calls)).toEqual(["before", true, 1, "closure", "after", 0.5]);
    before.remove();
    before.remove();
    optimizer.step();
    after.remove();
    optimizer.step();
    expect(calls.slice(6, 8)).toEqual(["after", expect.any(Promise)]);
    expect(calls.length).toBe(8);
  });

  test("lets a hook remove itself", () => {
    const optimizer = new SGD([ready(1)]);
    const calls: string[] = [];
    const first = optimizer.registerStepPreHook(() => {
      calls.push("first");
      first.remove();
    });
    optimizer.registerStepPreHook(() => calls.push("second"));
    optimizer.step();
    optimizer.step();
    expect(calls).toEqual(["first", "second", "second"]);
  });

  test("of a tensor that later code reads gives each reader the value of its moment", async () => {
    const w = ready(1);
    const double = w.mul(2);
    new SGD([w], { lr: 0.5 }).step();
    expect([await double.item(), await w.mul(2).item()]).toEqual([2, 1]);
  });

  test("takes a momentum that is turned on later, from its first gradient", async () => {
    const run = async (turnedOn: boolean): Promise<number[]> => {
      const params = begin();
      const optimizer = new SGD(params, { lr: 0.1, momentum: turnedOn ? 0 : 0.9, dampening: 0.5 });
      if (turnedOn) descend(optimizer, params, 1, 1);
      else {
        const plain = new SGD(params, { lr: 0.1 });
        descend(plain, params, 1, 1);
      }
      optimizer.paramGroups[0]!.momentum = 0.9;
      descend(optimizer, params, 2, 4);
      return valuesOf(params);
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe("zeroGrad", () => {
  test("sets gradients to null, or to zeros where there is one", async () => {
    const [a, b] = [ready(1, 2), leaf(3)];
    const optimizer = new SGD([a, b]);
    optimizer.zeroGrad({ setToNone: false });
    expect(await a.grad!.tolist()).toEqual([0, 0]);
    expect(b.grad).toBeNull();
    optimizer.zeroGrad();
    expect(a.grad).toBeNull();
  });

  test("refuses unknown options", () => {
    expect(() => new SGD([leaf(1)]).zeroGrad({ setToNull: true } as never)).toThrow(
      'SGD.zeroGrad: unknown option "setToNull"\n  hint: it takes setToNone',
    );
  });
});

test("an optimizer prints its groups as PyTorch does", () => {
  const optimizer = new SGD([{ params: [leaf(1)] }, { params: [leaf(2)], lr: 0.5, momentum: 0.9 }], { lr: 0.1 });
  expect(String(optimizer)).toBe(
    [
      "SGD (",
      "Parameter Group 0",
      "    dampening: 0",
      "    lr: 0.1",
      "    maximize: false",
      "    momentum: 0",
      "    nesterov: false",
      "    weightDecay: 0",
      "",
      "Parameter Group 1",
      "    dampening: 0",
      "    lr: 0.5",
      "    maximize: false",
      "    momentum: 0.9",
      "    nesterov: false",
      "    weightDecay: 0",
      ")",
    ].join("\n"),
  );
  expect(String(new Adam([leaf(1)]))).toContain("    betas: [0.9, 0.999]\n");
});
