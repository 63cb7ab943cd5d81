import { enableGrad, GradientError, isGradEnabled, tensor, type Tensor } from "@downhill/core";
import { describe, expect, test } from "vitest";

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });
const values = async (x: Tensor | null): Promise<unknown> => (x === null ? null : x.tolist());

describe("tensor hooks", () => {
  test("see the whole gradient, of a leaf and of a value on the way, in the order they were registered", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(3);
    const seen: [string, Promise<unknown>][] = [];
    const hook = (name: string) => (grad: Tensor) => void seen.push([name, grad.tolist()]);
    w.registerHook(hook("w first"));
    h.registerHook(hook("h"));
    w.registerHook(hook("w second"));
    h.mul(h).sum().add(w.sum()).backward();
    expect(seen.map(([name]) => name)).toEqual(["h", "w first", "w second"]);
    expect(await Promise.all(seen.map(([, read]) => read))).toEqual([
      [6, 12],
      [19, 37],
      [19, 37],
    ]);
    expect(await values(w.grad)).toEqual([19, 37]);
  });

  test("replace the gradient, each that of the one before", async () => {
    const w = leaf([1, 2]);
    const h = w.mul(2);
    h.retainGrad();
    h.registerHook((grad) => grad.mul(10));
    h.registerHook((grad) => grad.add(1));
    w.registerHook(() => null);
    h.sum().backward();
    expect(await values(h.grad)).toEqual([11, 11]);
    expect(await values(w.grad)).toEqual([22, 22]);
  });

  test("run once per backward, and not after they were removed", async () => {
    const w = leaf([1]);
    let runs = 0;
    const first = w.registerHook(() => void runs++);
    const second = w.registerHook((grad) => grad.mul(2));
    w.sum().backward();
    first.remove();
    first.remove();
    w.sum().backward();
    second.remove();
    w.sum().backward();
    expect(runs).toBe(1);
    expect(await values(w.grad)).toEqual([5]);
  });

  test("may remove themselves while they run", async () => {
    const w = leaf([1]);
    const once = w.registerHook((grad) => {
      once.remove();
      return grad.mul(2);
    });
    w.registerHook((grad) => grad.add(1));
    w.sum().backward();
    w.sum().backward();
    expect(await values(w.grad)).toEqual([3 + 2]);
  });

  test("that change the gradient in place do so on their path only", async () => {
    const [v, w] = [leaf([1, 2]), leaf([3, 4])];
    v.registerHook((grad) => void grad.mul_(5));
    v.add(w).sum().backward();
    expect([await values(v.grad), await values(w.grad)]).toEqual([
      [5, 5],
      [1, 1],
    ]);
  });

  test("that throw leave every .grad alone, and the graph usable", async () => {
    const [v, w] = [leaf([1, 2]), leaf([3, 4])];
    const failing = v.registerHook(() => {
      throw new Error("stop");
    });
    const loss = v.mul(w).sum();
    expect(() => loss.backward()).toThrow("stop");
    expect([v.grad, w.grad]).toEqual([null, null]);
    failing.remove();
    loss.backward();
    expect([await values(v.grad), await values(w.grad)]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test("that return something else than a tensor of the gradient's shape throw", () => {
    const w = leaf([1, 2]);
    w.registerHook(() => tensor([1, 2, 3]));
    expect(() => w.sum().backward()).toThrow(
      "backward: a hook must return a tensor of shape [2] or nothing, got Tensor([3])",
    );
    const v = leaf([1]);
    v.registerHook((() => 3) as unknown as () => void);
    expect(() => v.sum().backward()).toThrow(GradientError);
    expect(() => tensor([1]).registerHook(() => undefined)).toThrow(
      "registerHook: this tensor does not require gradients",
    );
  });

  test("may run a backward of their own, also through the same graph while it is kept", async () => {
    const w = leaf([1, 2]);
    const other = leaf([5]);
    const h = w.mul(w);
    let inner = false;
    h.registerHook(() => {
      if (inner) return;
      inner = true;
      // As in PyTorch, a backward without createGraph records no gradients, and neither do its hooks.
      expect(isGradEnabled()).toBe(false);
      enableGrad(() => {
        other.mul(other).sum().backward();
        h.sum().backward(undefined, { retainGraph: true });
      });
    });
    h.mul(3).sum().backward();
    expect(await values(other.grad)).toEqual([10]);
    expect(await values(w.grad)).toEqual([2 + 6, 4 + 12]);
  });

  test("that free the graph under a running backward make it throw, not lose a part", () => {
    const w = leaf([1, 2]);
    const h = w.mul(w);
    const y = h.mul(3);
    y.registerHook(() => void h.backward(tensor([1, 1])));
    expect(() => y.sum().backward()).toThrow("freed by an earlier backward");
  });

  test("see gradients that have a graph, with createGraph", async () => {
    const w = leaf([2]);
    const graphs: boolean[] = [];
    w.registerHook((grad) => {
      graphs.push(grad.requiresGrad);
      return grad.mul(grad);
    });
    w.pow(3).sum().backward(undefined, { createGraph: true }); // (3w²)²
    const squared = w.grad!;
    expect(await values(squared)).toEqual([144]);
    w.grad = null;
    squared.sum().backward(); // 36w³, then squared by the hook
    expect(await values(w.grad)).toEqual([288 ** 2]);
    expect(graphs).toEqual([true, false]);
  });
});
