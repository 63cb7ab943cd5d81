import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  arange,
  type Index,
  noGrad,
  ones,
  rand,
  range,
  setDefaultDevice,
  type Tensor,
  tensor,
  type TypedArray,
  zeros,
} from "@downhill/core";
import { assign, type Buffer, type Device, ReferenceBackend, registerBackend } from "@downhill/core/engine";

const X = rand([100, 3]);
const { programs } = X.device;
const places = (data: number[]): Tensor => tensor(data, { dtype: "int32" });

/** What at takes but for masks. */
type Basic = Exclude<Index, readonly boolean[]>;

/** How many Programs are compiled for the uses after the first. */
async function compiledByOthers(uses: readonly (() => Tensor)[]): Promise<number> {
  await uses[0]!().data();
  const before = programs.compiled;
  for (const use of uses.slice(1)) await use().data();
  return programs.compiled - before;
}

describe("positions are passed at run time", () => {
  const each = (use: (i: number) => Tensor, from = 0): (() => Tensor)[] =>
    Array.from({ length: 100 }, (_, i) => () => use(i + from));
  const cases: Record<string, readonly (() => Tensor)[]> = {
    "X.at(i) for every row is one Program": each((i) => X.at(i)),
    "X.at(-i) too": each((i) => X.at(-i), 1),
    "and at(i, j)": each((i) => X.at(i, i % 3)),
    "and the gradient of at(i)": each((i) => {
      const w = ones([100, 3], { requiresGrad: true });
      w.at(i).sum().backward();
      return w.grad!;
    }),
    "ranges of one length are one Program": each((i) => X.at(range(i, i + 10))).slice(0, 91),
    "and batches by steps": each((i) => X.at(range(i, i + 20, 2))).slice(0, 81),
    "index tensors of one length are one Program": each((i) => X.at(places([i, 0, 99 - i]))),
    "arrays of positions too": each((i) => X.at([i, 5, -1])),
    "writing at i is one Program, whatever is written": each((i) => X.indexPut([i, -1], i / 2)),
  };
  it.each(Object.entries(cases))("%s", async (_, uses) => {
    expect(await compiledByOthers(uses)).toBe(0);
  });
});

describe("at reads what Python's brackets read", () => {
  const list = fc.constantFrom<Basic>(
    null,
    range(),
    range(1),
    range(null, -1),
    range(-2, null),
    range(0, null, 2),
    range(5, 9),
    0,
    -1,
    1,
  );

  /** x[...] of nested arrays, one index at a time. */
  function nestedAt(data: unknown, indices: readonly Index[]): unknown {
    const [first, ...rest] = indices;
    if (first === undefined) return data;
    if (first === null) return [nestedAt(data, rest)];
    const rows = data as unknown[];
    if (typeof first === "number") return nestedAt(rows.at(first), rest);
    const { start, stop, step } = first as { start: number | null; stop: number | null; step: number | null };
    return rows
      .slice(start ?? undefined, stop ?? undefined)
      .filter((_, i) => i % (step ?? 1) === 0)
      .map((row) => nestedAt(row, rest));
  }

  it("for any mix of positions, ranges and new axes", async () => {
    const x = arange(24).reshape(2, 3, 4);
    const data = await x.tolist();
    await fc.assert(
      fc.asyncProperty(fc.array(list, { maxLength: 5 }), async (indices) => {
        fc.pre(indices.filter((index) => index !== null).length <= 3);
        expect(await x.at(...indices).tolist()).toEqual(nestedAt(data, indices));
      }),
    );
  });

  it("and a tensor of positions as stacked positions", async () => {
    const x = arange(24).reshape(4, 3, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -4, max: 3 }), fc.integer({ min: -3, max: 2 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (pairs) => {
          const [rows, columns] = [pairs.map(([row]) => row), pairs.map(([, column]) => column)];
          const expected = await Promise.all(pairs.map(([row, column]) => x.at(row, column).tolist()));
          expect(await x.at(rows, columns).tolist()).toEqual(expected);
          expect(await x.at(places(rows), range(), places([1])).tolist()).toEqual(
            await Promise.all(rows.map((row) => x.at(row, range(), 1).tolist())),
          );
        },
      ),
    );
  });

  it("takes arrays, nested arrays and plain objects for ranges", async () => {
    const x = arange(6).reshape(3, 2);
    expect(await x.at([2, 0]).tolist()).toEqual([
      [4, 5],
      [0, 1],
    ]);
    expect(await x.at([[2], [0]], 1).tolist()).toEqual([[5], [1]]);
    expect(await x.at({ start: 1 }).tolist()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(await x.at([]).tolist()).toEqual([]);
    expect(x.at([]).shape).toEqual([0, 2]);
  });

  it("gives the tensor itself where nothing is taken", () => {
    expect(X.at()).toBe(X);
    expect(X.at(range(), "...")).toBe(X);
  });
});

describe("masks", () => {
  it("give a Promise that the type checker knows of", async () => {
    const x = tensor([
      [1, -2],
      [-3, 4],
    ]);
    const kept = x.at(x.gt(0));
    expectTypeOf(kept).toEqualTypeOf<Promise<Tensor>>();
    expectTypeOf(x.at(0)).toEqualTypeOf<Tensor>();
    expectTypeOf(x.at(range(), [0, 1])).toEqualTypeOf<Tensor>();
    expectTypeOf(x.at([true, false])).toEqualTypeOf<Promise<Tensor>>();
    expectTypeOf(x.at(0, x.at(0).ne(x.at(1)))).toEqualTypeOf<Promise<Tensor>>();
    expect(kept).toBeInstanceOf(Promise);
    expect(await (await kept).tolist()).toEqual([1, 4]);
    expect(await (await x.at([true, false])).tolist()).toEqual([[1, -2]]);
  });

  it("throw for a shape that does not fit at the line that made it, before any value is read", () => {
    expect(() => X.at(tensor([true, false]).bool())).toThrow("at: a mask of shape [2] does not fit [100]");
  });

  it("may be 0-d: all, or nothing", async () => {
    const x = tensor([1, 2]);
    expect((await x.at(tensor(true).bool())).shape).toEqual([1, 2]);
    expect((await x.at(tensor(false).bool())).shape).toEqual([0, 2]);
  });

  it("stay out of a library op's internals: what they give can be read", async () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const picked = await w.at(w.gt(1));
    picked.mul(picked).sum().backward();
    expect(await w.grad!.tolist()).toEqual([0, 4, 6]);
  });
});

describe("on a device that is read later", () => {
  /** Answers reads a turn later, as a GPU does. */
  class Late extends ReferenceBackend {
    override read(buffer: Buffer): TypedArray {
      const data = super.read(buffer);
      return Promise.resolve(data) as unknown as TypedArray;
    }
  }

  async function onLateDevice(fn: (device: Device) => Promise<void>): Promise<void> {
    const device = registerBackend(new Late("late"));
    setDefaultDevice(device);
    try {
      await fn(device);
    } finally {
      setDefaultDevice("cpu");
    }
  }

  it("a mask takes the values as of the call, whatever an update writes meanwhile", () =>
    onLateDevice(async () => {
      const w = tensor([1, 2, 3, 4]);
      const picked = w.at(w.gt(2));
      noGrad(() => assign(w, zeros([4])));
      expect(await (await picked).tolist()).toEqual([3, 4]);
      expect(await w.tolist()).toEqual([0, 0, 0, 0]);
    }));

  it("gradients are recorded as they were at the call", () =>
    onLateDevice(async () => {
      const w = tensor([1, 2, 3], { requiresGrad: true });
      const picked = w.at(w.gt(1));
      const without = w.detach().at(w.gt(1));
      const selected = w.maskedSelect(w.lt(3));
      expect((await picked).requiresGrad).toBe(true);
      expect((await without).requiresGrad).toBe(false);
      (await selected).sum().backward();
      expect(await w.grad!.tolist()).toEqual([1, 1, 0]);
    }));

  it("nonzero and unique wait for the values", () =>
    onLateDevice(async () => {
      const x = tensor([3, 0, 3]);
      expect(await (await x.nonzero()).tolist()).toEqual([[0], [2]]);
      expect(await (await x.unique()).tolist()).toEqual([0, 3]);
    }));
});

describe("indexed writes", () => {
  it("what indexPut writes, at reads back, and the rest stays", async () => {
    const index = fc.constantFrom<Basic>(range(), range(1), range(null, null, 2), 0, -1, null, [2, 0], [1]);
    await fc.assert(
      fc.asyncProperty(fc.array(index, { maxLength: 3 }), async (indices) => {
        fc.pre(indices.filter((item) => item !== null).length <= 2);
        const x = zeros([3, 3]);
        const value = rand(x.at(...indices).shape).add(1);
        const y = x.indexPut(indices, value);
        expect(await y.at(...indices).tolist()).toEqual(await value.tolist());
        expect(await y.ne(0).sum().item()).toBe(value.numel());
      }),
    );
  });

  it("indexPut_ is Python's x[…] = value", async () => {
    const x = zeros([2, 3]);
    expect(x.indexPut_([0, range(1)], tensor([1, 2]))).toBe(x);
    x.indexPut_([x.eq(0)], -1);
    x.indexPut_(
      [
        [1, 1],
        [0, 0],
      ],
      5,
      { accumulate: true },
    );
    expect(await x.tolist()).toEqual([
      [-1, 1, 2],
      [9, -1, -1],
    ]);
  });

  it("gradients flow to the value and to what is kept", async () => {
    const x = ones([3], { requiresGrad: true });
    const value = tensor([5], { requiresGrad: true });
    const y = x.mul(2);
    y.indexPut_([range(0, 2)], value);
    y.mul(tensor([1, 10, 100]))
      .sum()
      .backward();
    expect(await x.grad!.tolist()).toEqual([0, 0, 200]);
    expect(await value.grad!.tolist()).toEqual([11]);
  });

  it("what an op made anew may be changed in place, though its last step gave it another shape", async () => {
    const x = ones([2, 2]);
    const fresh = [x.indexPut([0], 5), x.at([[1, 0]]), ones([1, 2, 2]).matmul(x), x.take(places([0]).reshape(1, 1))];
    for (const y of fresh) y.mul_(0);
    expect(await Promise.all(fresh.map((y) => y.sum().item()))).toEqual([0, 0, 0, 0]);
    expect(await x.tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    for (const view of [x.at(0), x.at(null), x.at(range(1)), x.reshape(4)])
      expect(() => view.mul_(0)).toThrow("is a view");
  });

  it("scatterAdd_, indexAdd_ and indexFill_ change the tensor", async () => {
    const x = zeros([3]);
    x.scatterAdd_(0, places([1, 1]), ones([2]));
    x.indexAdd_(0, places([0]), ones([1]), { alpha: 3 });
    x.indexFill_(0, places([2]), 7);
    x.scatter_(0, places([0]), 4);
    expect(await x.tolist()).toEqual([4, 2, 7]);
  });
});
