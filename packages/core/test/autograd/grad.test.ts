import {
  GradientError,
  grad,
  rand,
  ShapeError,
  tensor,
  type Tensor,
  VersionError,
  noGrad,
  defaultDevice,
} from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });
const values = async (list: readonly (Tensor | null)[]): Promise<unknown[]> =>
  Promise.all(list.map(async (x) => x && (await x.tolist())));

describe("grad", () => {
  test("gives one gradient per input, for a tensor or a list, and leaves every .grad alone", async () => {
    const [v, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = v.mul(w).sum();
    expect(await values(grad(y, v, { retainGraph: true }))).toEqual([[3, 4]]);
    expect(await values(grad([y], [w, v, w]))).toEqual([[3, 4].map((_, i) => i + 1), [3, 4], [1, 2]]);
    expect([v.grad, w.grad]).toEqual([null, null]);
  });

  test("sums the gradients of several outputs, each from its own gradient or from 1", async () => {
    const w = leaf([1, 2]);
    const results = grad([w.mul(2).sum(), w.mul(w)], w, { gradOutputs: [null, tensor([1, 1])] });
    expect(await values(results)).toEqual([[4, 6]]);
    expect(await values(grad([w.mul(2).sum(), w.mul(3).sum()], w))).toEqual([[5, 5]]);
    const y = w.mul(w);
    expect(await values(grad([y, y], w, { gradOutputs: [tensor([1, 0]), tensor([0, 1])] }))).toEqual([[2, 4]]);
  });

  test("reaches values on the way, and an output itself", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(2);
    const y = h.mul(h);
    const g = tensor([1, 10]);
    expect(await values(grad(y, [y, h, w], { gradOutputs: g }))).toEqual([
      [1, 10],
      [4, 80],
      [8, 160],
    ]);
  });

  test("gives values of their own, whatever gradients it was given", async () => {
    const [v, w, g] = [leaf([1, 2]), leaf([3, 4]), leaf([5, 6])];
    const [a, b] = grad(v.add(w), [v, w], { gradOutputs: g, createGraph: true }) as [Tensor, Tensor];
    a.registerHook((grad) => grad.mul(10));
    b.registerHook((grad) => grad.mul(100));
    a.add(b).sum().backward();
    expect(await values([g.grad, a.grad, b.grad])).toEqual([[110, 110], null, null]);
    const [plain] = grad(v.add(1), v, { gradOutputs: g.detach() });
    expect(plain!.requiresGrad).toBe(false);
    const [again] = grad(v.add(1), v, { gradOutputs: g });
    again!.mul_(2);
    expect(await values([g])).toEqual([[5, 6]]);
  });

  test("leaves the graph before its inputs whole", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(w);
    const y = h.mul(h).sum();
    expect(await values(grad(y, h))).toEqual([[2, 8]]);
    h.sum().backward(); // not freed: nothing went there
    expect(await values([w.grad])).toEqual([[2, 4]]);
    expect(() => y.backward()).toThrow("freed by an earlier backward");
  });

  test("runs only the rules on the way to its inputs", () => {
    const w = leaf([1, 2]);
    const side = leaf([3, 4]);
    side.registerHook(() => {
      throw new Error("the path to `side` was walked");
    });
    const recorded = (inputs: Tensor[]): number => {
      const y = side.exp().mul(w).sum();
      const before = y.node.id;
      grad(y, inputs);
      return tensor(0).node.id - before;
    };
    const alone = recorded([w]);
    side.hooks = null;
    expect(recorded([w, side])).toBe(alone + 2); // grad · w, and that · exp(side)
  });

  test("createGraph gives gradients to differentiate further, to any order", async () => {
    const x = leaf([2]);
    let y = x.pow(5).sum();
    for (const expected of [80, 160, 240, 240, 120]) {
      y = grad(y, x, { createGraph: true })[0]!.sum();
      expect(await y.item()).toBeCloseTo(expected, 3);
    }
    expect(y.requiresGrad).toBe(true);
    expect(x.grad).toBeNull();
  });

  test("goes through gradients that are passed, with createGraph", async () => {
    const x = leaf([1, 2]);
    const g = leaf([3, 4]);
    const [slope] = grad(x.mul(x), x, { gradOutputs: g, createGraph: true }); // 2xg
    expect(await values(grad(slope!.sum(), [x, g]))).toEqual([
      [6, 8],
      [2, 4],
    ]);
  });

  test("a gradient penalty trains: its own gradient reaches the weights", async () => {
    const w = leaf([0.5, -1]);
    const x = leaf([1, 2]);
    const score = x.mul(w).sum().tanh();
    const [slope] = grad(score, x, { createGraph: true });
    slope!.mul(slope!).sum().backward();
    // d/dw Σ (w (1 - t²))², t = tanh(w·x) = tanh(-1.5)
    const t = Math.tanh(-1.5);
    const s = 1 - t * t;
    const expected = [0.5, -1].map((wi, i) => 2 * s * s * wi - 4 * 1.25 * s * s * t * [1, 2][i]!);
    const actual = await w.grad!.data();
    expected.forEach((e, i) => expect(actual[i]).toBeCloseTo(e, 5));
  });
});

describe("an input that was not used", () => {
  const w = leaf([1, 2]);
  const other = leaf([1, 2]);

  test("throws without allowUnused, naming it", () => {
    expect(() => grad(w.sum(), [w, other])).toThrow(
      /grad: inputs\[1\] of shape \[2\] is not part of the graph.*\n {2}hint: .*allowUnused: true/,
    );
    expect(() => grad(w.sum(), other)).toThrow(GradientError);
    expect(() => grad(w.reshape(1, 2).sum(), w.reshape(2, 1))).toThrow("not part of the graph");
  });

  test("gives null with allowUnused, zeros with materializeGrads", async () => {
    expect(await values(grad(w.sum(), [other, w], { allowUnused: true }))).toEqual([null, [1, 1]]);
    const [zero] = grad(w.sum(), [other], { materializeGrads: true });
    expect(await values([zero!])).toEqual([[0, 0]]);
  });
});

describe("grad refuses", () => {
  const w = leaf([1, 2]);

  test("inputs and outputs without gradients", () => {
    expect(() => grad(w.sum(), [w, tensor([1])])).toThrow("grad: inputs[1] of shape [1] does not require gradients");
    expect(() => grad(w.detach().sum(), w)).toThrow(
      "grad: outputs[0] of shape [] and dtype float32 does not require gradients",
    );
    expect(() => grad([], w)).toThrow("needs at least one output");
    expect(() => grad([1 as unknown as Tensor], w)).toThrow(
      "grad: outputs must be a tensor or an array of tensors, got [1]",
    );
  });

  test("gradOutputs that do not fit", () => {
    const y = w.mul(2);
    expect(() => grad(y, w)).toThrow("grad: a gradient is made up only for one element, outputs[0] has shape [2]");
    expect(() => grad(y, w, { gradOutputs: tensor([1]) })).toThrow(ShapeError);
    expect(() => grad([y, y], w, { gradOutputs: [tensor([1, 1])] })).toThrow("grad: 2 outputs and 1 gradOutputs");
    expect(() => grad(y, w, { gradOutput: tensor([1, 1]) } as object)).toThrow('unknown option "gradOutput"');
  });

  test("a freed graph, also where only an older part of it was freed", () => {
    const h = w.mul(w);
    h.sum().backward();
    expect(() => grad(h.sum(), w)).toThrow("freed by an earlier backward");
    // The gradient would lack the part that went through h.
    expect(() => grad(h.add(w).sum(), w)).toThrow("freed by an earlier backward");
  });

  test("but not for a freed part that cannot lead to its inputs", async () => {
    const h = w.mul(w);
    h.sum().backward();
    const x = leaf([3, 4]);
    expect(await values(grad(h.mul(x).sum(), x))).toEqual([[1, 4]]);
    expect(await values(grad(h.exp().sum(), h))).toHaveLength(1);
  });

  test("a value that a step has changed", () => {
    const [v, u] = [leaf([1, 2]), leaf([3, 4])];
    const y = v.mul(u).sum();
    noGrad(() => assign(u, u.add(1)));
    flush(u);
    expect(() => grad(y, v)).toThrow(VersionError);
  });
});

test("a loop that descends by hand with grad repeats one Program", async () => {
  const { programs } = defaultDevice();
  const X = rand([8, 3]);
  let w = leaf([0.1, 0.2, 0.3]);
  const turn = (): void => {
    const [slope] = grad(X.matmul(w).sub(1).pow(2).mean(), w);
    w = w.sub(slope!.mul(0.1)).detach().requiresGrad_();
  };
  for (let i = 0; i < 5; i++) turn();
  const { compiled } = programs;
  for (let i = 0; i < 50; i++) turn();
  expect(programs.compiled).toBe(compiled);
  expect(defaultDevice().pending.length).toBeLessThan(20);
  expect(await X.matmul(w).sub(1).pow(2).mean().item()).toBeLessThan(0.5);
});
