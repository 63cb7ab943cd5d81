import {
  composite,
  DTypeError,
  GradientError,
  noGrad,
  ShapeError,
  tensor,
  type Tensor,
  VersionError,
  zeros,
} from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });
const values = async (x: Tensor | null): Promise<unknown> => (x === null ? null : x.tolist());

describe("accumulation", () => {
  test("adds to .grad at each backward, until zeroGrad sets it to null", async () => {
    const w = leaf([1, 2]);
    w.mul(w).sum().backward();
    expect(await values(w.grad)).toEqual([2, 4]);
    w.mul(3).sum().backward();
    expect(await values(w.grad)).toEqual([5, 7]);
    w.zeroGrad();
    expect(w.grad).toBeNull();
    w.sum().backward();
    expect(await values(w.grad)).toEqual([1, 1]);
  });

  test("adds to a gradient that was set by hand, and refuses one of another shape before anything changes", async () => {
    const [v, w] = [leaf([1, 2]), leaf([3, 4])];
    v.grad = tensor([10, 20]);
    v.sum().backward();
    expect(await values(v.grad)).toEqual([11, 21]);
    w.grad = tensor([1]);
    const loss = v.mul(w).sum();
    expect(() => loss.backward()).toThrow("backward: .grad has shape [1], the gradient to add to it [2]");
    expect(await values(v.grad)).toEqual([11, 21]);
  });

  test("sums what comes along several paths, also when a tensor is used twice by one op", async () => {
    const w = leaf([2, 3]);
    const h = w.mul(w);
    h.add(h).mul(h).sum().backward(); // 2w⁴
    expect(await values(w.grad)).toEqual([64, 216]);
  });

  test("leaves the gradients of two leaves apart, though both get the very same one", async () => {
    const [v, w] = [leaf([1]), leaf([2])];
    v.add(w).sum().backward();
    expect(v.grad).not.toBe(w.grad);
    v.grad!.add_(1);
    expect(await values(v.grad)).toEqual([2]);
    expect(await values(w.grad)).toEqual([1]);
  });

  test("lets the gradient of one leaf ask for gradients without the other's", () => {
    const [v, w, x] = [leaf([1]), leaf([2]), leaf([3])];
    const g = tensor([1]);
    v.add(w).add(x).backward(g);
    v.grad!.requiresGrad_();
    g.requiresGrad_();
    expect([v, w, x].map(({ grad }) => grad!.requiresGrad)).toEqual([true, false, false]);
  });

  test("gives gradients that can be changed in place, whatever op made them", async () => {
    const w = leaf([1, 2]);
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    w.sum()
      .add(
        x
          .t()
          .reshape(-1)
          .narrow(0, 1, 2)
          .mul(tensor([1, 10]))
          .sum(),
      )
      .backward(); // expand, permute
    w.grad!.mul_(3);
    x.grad!.zero_();
    expect(await values(w.grad)).toEqual([3, 3]);
    expect(await values(x.grad)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("sums over what an op broadcast, and keeps the leaf's dtype", async () => {
    const w = tensor([[1], [2]], { dtype: "float64", requiresGrad: true });
    const scale = leaf(2);
    const y = w.mul(tensor([1, 2, 3])).mul(scale);
    expect(y.dtype).toBe("float64");
    y.sum().backward();
    expect([w.grad!.dtype, w.grad!.shape, await values(w.grad)]).toEqual(["float64", [2, 1], [[12], [12]]]);
    expect([scale.grad!.dtype, scale.grad!.shape, await values(scale.grad)]).toEqual(["float32", [], 18]);
  });

  test("gives leaves without elements a gradient without elements", () => {
    const w = zeros([0, 3], { requiresGrad: true });
    w.sum().backward();
    expect(w.grad!.shape).toEqual([0, 3]);
  });

  test("starts from a gradient that is passed, for any shape", async () => {
    const w = leaf([1, 2]);
    w.mul(w).backward(tensor([1, 10]));
    expect(await values(w.grad)).toEqual([2, 40]);
    const s = leaf([3]);
    s.backward();
    expect(await values(s.grad)).toEqual([1]);
  });
});

describe("retainGraph", () => {
  test("lets backward run twice, which doubles the gradients", async () => {
    const w = leaf([1, 2]);
    const loss = w.mul(w).exp().sum();
    loss.backward(undefined, { retainGraph: true });
    const once = (await w.grad!.data()).slice();
    loss.backward();
    expect(Array.from(await w.grad!.data())).toEqual(Array.from(once, (x) => 2 * x));
  });

  test("without it, a second backward through the graph or a part of it throws and names the way out", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(w);
    const loss = h.sum();
    loss.backward();
    const error = /this graph was freed by an earlier backward\n {2}hint: .*retainGraph: true/;
    expect(() => loss.backward()).toThrow(error);
    expect(() => loss.backward()).toThrow(GradientError);
    expect(() => h.exp().sum().backward()).toThrow(error);
    expect(await values(w.grad)).toEqual([2, 4]);
    expect([loss.requiresGrad, loss.isLeaf, h.isLeaf]).toEqual([true, false, false]);
  });

  test("createGraph keeps it too, and makes a gradient that has a graph", async () => {
    const w = leaf([1, 2]);
    const loss = w.mul(w).mul(w).sum();
    loss.backward(undefined, { createGraph: true });
    expect(w.grad!.requiresGrad).toBe(true);
    const slope = w.grad!;
    w.zeroGrad();
    slope.sum().backward(undefined, { retainGraph: true });
    expect(await values(w.grad)).toEqual([6, 12]);
    w.zeroGrad();
    loss.backward();
    expect(await values(w.grad)).toEqual([3, 12]);
    expect(w.grad!.requiresGrad).toBe(false);
  });
});

describe("refuses", () => {
  test("several elements without a gradient", () => {
    const w = leaf([1, 2]);
    expect(() => w.mul(2).backward()).toThrow(
      /backward: a gradient is made up only for one element, the tensor has shape \[2\]\n {2}hint: reduce it/,
    );
  });

  test("a gradient of another shape, and one that is no tensor", () => {
    const y = leaf([1, 2]).mul(2);
    expect(() => y.backward(tensor([1, 2, 3]))).toThrow(ShapeError);
    expect(() => y.backward(tensor([1, 2, 3]))).toThrow("backward: the gradient has shape [3], the tensor has [2]");
    expect(() => y.backward(1 as unknown as Tensor)).toThrow("must be a tensor, got 1");
    expect(() => y.backward({ retainGraph: true } as unknown as Tensor)).toThrow("options come second");
    expect(() => y.backward(tensor([1, 1]), { retaingraph: true } as object)).toThrow('unknown option "retaingraph"');
  });

  test("a tensor without a graph: a constant, ints, what noGrad made", () => {
    const w = leaf([1, 2]);
    const message = /backward: the tensor of shape \[\] and dtype \w+ does not require gradients and has no graph/;
    expect(() => tensor(1).backward()).toThrow(message);
    expect(() => w.to("int32").sum().backward()).toThrow(message);
    expect(() => noGrad(() => w.sum()).backward()).toThrow(message);
    expect(() => w.gt(1).any().backward()).toThrow(message);
  });

  test("requiresGrad of ints and bools, and of a value that was computed", () => {
    const w = leaf([1, 2]);
    expect(() => tensor([1], { dtype: "int32" }).requiresGrad_()).toThrow(DTypeError);
    expect(() => tensor([true], { requiresGrad: true })).toThrow(
      /only float tensors can require gradients, this one is bool\n {2}hint/,
    );
    expect(() => w.mul(2).requiresGrad_(false)).toThrow("only a leaf can stop requiring gradients");
    expect(w.requiresGrad_(false).requiresGrad).toBe(false);
    w.requiresGrad = true;
    expect(w.requiresGrad).toBe(true);
  });
});

describe("a value that a step has changed", () => {
  test("throws the version error when the graph needs it, read before or not, and leaves .grad alone", async () => {
    for (const read of [false, true]) {
      const w = leaf([1, 2]);
      const v = leaf([3, 4]);
      const loss = w.mul(v).sum();
      if (read) expect(await loss.item()).toBe(11);
      noGrad(() => assign(w, w.sub(1)));
      flush(w);
      expect(() => loss.backward()).toThrow(VersionError);
      expect(() => loss.backward()).toThrow(
        /mul: a value of shape \[2\] that it needs was overwritten by .*\n {2}hint: read it before/,
      );
      expect([w.grad, v.grad]).toEqual([null, null]);
    }
  });

  test("does not throw while the graph does not need it", async () => {
    const w = leaf([1, 2]);
    const loss = w.mul(3).sum();
    flush(loss);
    noGrad(() => assign(w, w.sub(1)));
    flush(w);
    loss.backward();
    expect(await values(w.grad)).toEqual([3, 3]);
  });

  test("is found behind internal values that backward would compute again", () => {
    const w = leaf([1, 2]);
    const wave = composite((x: Tensor) => x.mul(3).sin()); // x.mul(3) is internal, and its cosine the gradient
    const loss = wave(w).sum();
    flush(loss);
    noGrad(() => assign(w, w.sub(1)));
    flush(w);
    expect(() => loss.backward()).toThrow(VersionError);
    expect(w.grad).toBeNull();
  });
});

describe("retainGrad", () => {
  test("keeps and adds up the gradient of a value that was computed", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(2);
    h.retainGrad();
    const loss = h.mul(h).sum();
    loss.backward(undefined, { retainGraph: true });
    expect(await values(h.grad)).toEqual([4, 8]);
    loss.backward();
    expect(await values(h.grad)).toEqual([8, 16]); // as PyTorch does
    expect(w.retainsGrad).toBe(false);
    w.retainGrad();
    expect(w.retainsGrad).toBe(false);
    expect(() => tensor(1).retainGrad()).toThrow("retainGrad: this tensor does not require gradients");
  });
});

describe("work grows with the graph, not with its paths", () => {
  const recorded = (fn: () => void): number => {
    const before = tensor(0).node.id;
    fn();
    return tensor(0).node.id - before;
  };

  test("a graph of 2^20 paths over shared values", async () => {
    const w = leaf([1, 2]);
    const chain = (depth: number): Tensor => {
      let h = w;
      for (let i = 0; i < depth; i++) h = h.add(h).mul(0.5);
      return h.sum();
    };
    const [short, long] = [chain(10), chain(20)];
    const fewer = recorded(() => short.backward());
    const more = recorded(() => long.backward());
    expect(more).toBeLessThan(2.2 * fewer);
    expect(await values(w.grad)).toEqual([2, 2]);
  });

  test("a chain of 20,000 ops: record, backward, second backward, flush and the check for changed values", async () => {
    const w = leaf([0.5]);
    const inside = (depth: number): Tensor => {
      let h = w;
      for (let i = 0; i < depth; i++) h = h.sin();
      return h;
    };
    const loss = inside(20_000);
    let nodes = recorded(() => loss.backward(undefined, { createGraph: true }));
    expect(nodes).toBeLessThan(3 * 20_000);
    expect(await w.grad!.item()).toBeGreaterThan(0);
    const slope = w.grad!;
    w.grad = null;
    nodes = recorded(() => slope.backward());
    expect(nodes).toBeLessThan(12 * 20_000);
    expect(await w.grad!.item()).toBeLessThan(0);
  });

  test("a chain of 20,000 internal values whose input a step has changed", () => {
    const w = leaf([0.5]);
    const chain = composite((h: Tensor) => {
      for (let i = 0; i < 20_000; i++) h = h.sin();
      return h;
    });
    const loss = chain(w.mul(1)).sum();
    const fresh = chain(w).sum();
    flush(loss, fresh);
    noGrad(() => assign(w, w.add(1)));
    flush(w);
    expect(() => fresh.backward()).toThrow(VersionError);
    loss.backward(); // reads w · 1, which was the caller's and is kept
    expect(w.grad).not.toBeNull();
  });
});
