import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Tensor } from "../src/index.js";
import {
  add,
  compile,
  defaultDevice,
  keep,
  noGrad,
  ones,
  setDefaultDevice,
  tensor,
  where,
  zeros,
} from "../src/index.js";
import { assign, ownTensor, ReferenceBackend, registerBackend } from "../src/engine.js";
import { newestNode } from "../src/program/node.js";

let devices = 0;

beforeEach(() => setDefaultDevice(registerBackend(new ReferenceBackend(`compile-${devices++}`))));
afterEach(() => setDefaultDevice("cpu"));

const values = async (x: Tensor | null): Promise<number[]> => (x === null ? [] : Array.from(await x.data()));
const variable = (data: number[]): Tensor => ownTensor(tensor(data)).requiresGrad_();

/** A step of descent on (w · x - y)², as an optimizer does it. */
function descent(w: Tensor): (x: Tensor, y: Tensor) => Tensor {
  return (x, y) => {
    w.grad = null;
    const error = w.mul(x).sum().sub(y);
    const loss = error.mul(error);
    loss.backward();
    noGrad(() => {
      assign(w, w.sub(w.grad!.mul(0.05)));
    });
    return loss;
  };
}

describe("a compiled function", () => {
  test("gives what the function gives, call after call", async () => {
    const [a, b] = [variable([1, 2]), variable([1, 2])];
    const eager = descent(a);
    const step = compile(descent(b));
    for (let i = 0; i < 10; i++) {
      const [x, y] = [tensor([i, 1]), tensor(i)];
      const [expected, got] = [eager(x, y), step(x, y)];
      expect(await values(got)).toEqual(await values(expected));
      expect(await values(b)).toEqual(await values(a));
      expect(await values(b.grad)).toEqual(await values(a.grad));
      expect(String(got)).toBe(String(expected));
    }
    expect(step.traces).toBe(1);
  });

  test("records next to nothing and compiles one Program in 1,000 replays", () => {
    const w = variable([1, 2]);
    const step = compile(descent(w));
    const [x, y] = [tensor([0.1, 0.2]), tensor(3)];
    step(x, y);
    const { programs } = defaultDevice();
    expect(programs.compiled).toBe(1);
    const before = newestNode();
    for (let i = 0; i < 1000; i++) step(x, y);
    expect(newestNode() - before).toBe(1001); // each loss, and once the parameter
    expect([programs.compiled, programs.reused, step.traces]).toEqual([1, 0, 1]);
  });

  test("runs its function once per shape and dtype", () => {
    let runs = 0;
    const double = compile((x: Tensor) => {
      runs++;
      return x.mul(2);
    });
    for (const x of [ones([2]), ones([3]), ones([2]), ones([3], { dtype: "float64" }), ones([2, 1]), ones([3])]) {
      const y = double(x);
      expect([y.shape, y.dtype]).toEqual([x.shape, x.dtype]);
    }
    expect([runs, double.traces]).toEqual([4, 4]);
  });

  test("guards numbers and flags among its arguments, and frozen ones it does not", async () => {
    let captured = 10;
    const f = compile((x: Tensor, by: number, mode?: { negate: boolean }) =>
      (mode?.negate === true ? x.neg() : x).mul(by).add(captured),
    );
    expect(await values(f(tensor([1]), 2))).toEqual([12]);
    expect(await values(f(tensor([1]), 3))).toEqual([13]);
    expect(await values(f(tensor([1]), 3, { negate: true }))).toEqual([7]);
    expect(await values(f(tensor([2]), 3, { negate: true }))).toEqual([4]);
    expect(f.traces).toBe(3);
    captured = 20;
    expect(await values(f(tensor([1]), 2))).toEqual([12]);
    f.clear();
    expect(await values(f(tensor([1]), 2))).toEqual([22]);
  });

  test("looks into arrays and plain objects of tensors, and returns them", async () => {
    const f = compile(({ pair, scale }: { pair: readonly [Tensor, Tensor]; scale: Tensor }) => ({
      sums: [pair[0].add(pair[1]), pair[0].sum()],
      scaled: pair[0].mul(scale),
      name: "both",
      count: 2,
      none: null,
    }));
    for (let i = 0; i < 3; i++) {
      const result = f({ pair: [tensor([i, 2]), tensor([3, 4])], scale: tensor(2) });
      expect(await values(result.sums[0]!)).toEqual([i + 3, 6]);
      expect(await values(result.sums[1]!)).toEqual([i + 2]);
      expect(await values(result.scaled)).toEqual([2 * i, 4]);
      expect([result.name, result.count, result.none]).toEqual(["both", 2, null]);
    }
    expect(f.traces).toBe(1);
  });

  test("keeps at most `limit` traces, and drops the one least recently used", () => {
    const f = compile((x: Tensor) => x.neg(), { limit: 2 });
    for (const size of [1, 2, 1, 3, 1, 2]) f(ones([size]));
    expect(f.traces).toBe(4);
  });

  test("keeps its Programs when the device's cache drops them", async () => {
    defaultDevice().programs.limit = 1;
    const f = compile((x: Tensor) => x.mul(3));
    f(tensor([1]));
    tensor([1]).add(1).toString();
    tensor([1]).sub(1).toString();
    expect(await values(f(tensor([2])))).toEqual([6]);
    expect(f.traces).toBe(1);
  });

  test("called inside another is part of it", async () => {
    const inner = compile((x: Tensor) => x.mul(2));
    const outer = compile((x: Tensor) => inner(x).add(1));
    expect(await values(outer(tensor([1])))).toEqual([3]);
    expect(await values(outer(tensor([2])))).toEqual([5]);
    expect([inner.traces, outer.traces]).toEqual([0, 1]);
  });

  test("returns an argument, or a tensor that it has captured, as they are", async () => {
    const held = tensor([5]);
    const f = compile((x: Tensor) => [x, held, zeros([1]), x] as const);
    for (let i = 0; i < 2; i++) {
      const x = tensor([i]);
      const [same, kept, constant, again] = f(x);
      expect(same).toBe(x);
      expect(again).toBe(x);
      expect(kept).toBe(held);
      expect(await values(constant)).toEqual([0]);
    }
    expect(f(held)[2]).not.toBe(f(held)[2]);
  });

  test("gives results that later calls leave alone", async () => {
    const w = variable([1, 2]);
    const step = compile(descent(w));
    const losses = Array.from({ length: 5 }, (_, i) => step(tensor([1, 1]), tensor(i)));
    const gradients = [];
    for (let i = 0; i < 3; i++) {
      step(tensor([1, i]), tensor(1));
      gradients.push(w.grad);
    }
    const twin = variable([1, 2]);
    const eager = descent(twin);
    for (let i = 0; i < 5; i++)
      expect(await values(losses[i]!)).toEqual(await values(eager(tensor([1, 1]), tensor(i))));
    for (let i = 0; i < 3; i++) {
      eager(tensor([1, i]), tensor(1));
      expect(await values(gradients[i]!)).toEqual(await values(twin.grad));
    }
  });
});

describe("what a compiled function captures", () => {
  test("is read anew at each call: the tensor's value then", async () => {
    const offset = tensor([1]);
    const f = compile((x: Tensor) => x.add(offset));
    expect(await values(f(tensor([1])))).toEqual([2]);
    offset.add_(10);
    expect(await values(f(tensor([1])))).toEqual([12]);
    expect(f.traces).toBe(1);
  });

  test("is another thing than an argument, though they are the same tensor once", async () => {
    const x = tensor([1, 3]);
    const center = compile((y: Tensor) => y.sub(x.mean()));
    expect(await values(center(x))).toEqual([-1, 1]);
    expect(await values(center(tensor([5, 6])))).toEqual([3, 4]);
  });

  test("is changed by in-place methods and by updates, arguments too", async () => {
    const total = tensor([0]);
    const state = ownTensor(tensor([1]));
    const f = compile((x: Tensor) => {
      total.add_(x);
      assign(state, state.mul(2));
      x.neg_();
    });
    for (let i = 1; i <= 4; i++) {
      const x = tensor([i]);
      f(x);
      expect(await values(x)).toEqual([-i]);
    }
    expect(await values(total)).toEqual([10]);
    expect(await values(state)).toEqual([16]);
    expect(f.traces).toBe(1);
  });

  test("and reads before an update is pending, gets its old value", async () => {
    const w = variable([1, 2]);
    const step = compile(descent(w));
    step(tensor([1, 1]), tensor(0));
    for (let i = 0; i < 3; i++) {
      const before = await values(w);
      const doubled = noGrad(() => w.mul(2));
      step(tensor([1, 1]), tensor(0));
      expect(await values(doubled)).toEqual(before.map((value) => 2 * value));
    }
    expect(step.traces).toBe(1);
  });

  test("and a graph over what a call has overwritten, is the version error", () => {
    const w = variable([1, 2]);
    const step = compile(descent(w));
    const [x, y] = [tensor([1, 1]), tensor(0)];
    for (let i = 0; i < 3; i++) {
      const loss = w.mul(w).sum();
      step(x, y);
      expect(() => loss.backward()).toThrow("was overwritten by an in-place update");
    }
  });

  test("steps by turns with code that is not compiled", async () => {
    const [a, b] = [variable([1, 2]), variable([1, 2])];
    const [eager, plain] = [descent(a), descent(b)];
    const step = compile(descent(b));
    for (let i = 0; i < 12; i++) {
      const [x, y] = [tensor([i / 10, 1]), tensor(1)];
      const loss = i % 3 === 2 ? plain(x, y) : step(x, y);
      expect(await values(loss)).toEqual(await values(eager(x, y)));
    }
    expect(await values(b)).toEqual(await values(a));
    expect(step.traces).toBe(1);
  });

  test("is traced again when it asks for gradients, or no more", () => {
    const w = variable([1]);
    const f = compile(() => [w.mul(2).requiresGrad]);
    expect(f()).toEqual([true]);
    w.requiresGrad_(false);
    const g = compile(() => w.mul(2));
    g();
    w.requiresGrad_();
    expect(g().requiresGrad).toBe(true);
    expect(g.traces).toBe(2);
  });
});

describe("the call is the scope", () => {
  test("what it does not return is gone, also what the function or keep() holds", () => {
    const held: Tensor[] = [];
    const f = compile((x: Tensor) => {
      const y = keep(x.mul(2));
      held.push(y);
      return y.sum();
    });
    f(tensor([1, 2]));
    f(tensor([3, 4]));
    expect(held.length).toBe(1);
    expect(() => String(held[0])).toThrow(/made inside a compiled function that did not return it\n.*return it/);
    expect(() => add(held[0]!, 1)).toThrow("made inside a compiled function");
  });

  test("what it disposes of is internal anyway", async () => {
    const f = compile((x: Tensor) => {
      using y = x.mul(2);
      x.dispose();
      return y.add(1);
    });
    const x = tensor([1]);
    for (let i = 0; i < 2; i++) expect(await values(f(x))).toEqual([3]);
    expect(await values(x)).toEqual([1]);
  });

  test("one value returned twice is one tensor", () => {
    const f = compile((x: Tensor) => {
      const y = x.mul(2);
      return [y, y];
    });
    for (let i = 0; i < 2; i++) {
      const [a, b] = f(tensor([1]));
      expect(a).toBe(b);
    }
  });

  test("chooses by where() what it may not branch on", async () => {
    const f = compile((x: Tensor) => where(x.gt(0), x.log1p(), x.neg()));
    expect(await values(f(tensor([-2])))).toEqual([2]);
    expect(await values(f(tensor([0])))).toEqual([-0]);
  });

  test("computes what was pending before, and leaves what others have pending", async () => {
    const x = tensor([1]).add(1);
    const other = tensor([5]).mul(2);
    const f = compile((y: Tensor) => y.mul(x));
    const pending = tensor([2]).mul(4);
    expect(await values(f(pending))).toEqual([16]);
    expect(await values(f(tensor([3]).sub(1)))).toEqual([4]);
    expect(await values(other)).toEqual([10]);
  });
});
