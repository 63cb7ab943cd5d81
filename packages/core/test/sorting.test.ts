import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DType, DTypeError, ones, type Tensor, tensor, ValueError } from "@downhill/core";

const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;

/** JavaScript's stable sort, with NaN larger than everything. */
function sorted(values: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  const key = (x: number): number => (Number.isNaN(x) ? 1 : 0);
  return values
    .map((_, i) => i)
    .sort((i, j) => {
      const [x, y] = [values[i]!, values[j]!];
      return sign * (key(x) - key(y) || (x < y ? -1 : x > y ? 1 : 0)) || i - j;
    });
}

describe("sort", () => {
  const float = fc.constantFrom(0, -0, 1, -1, 2.5, NaN, Infinity, -Infinity);
  const cases: readonly (readonly [DType, fc.Arbitrary<number>])[] = [
    ["float32", float],
    ["float64", float],
    ["int32", fc.constantFrom(-(2 ** 31), -1, 0, 1, 2 ** 31 - 1)],
    ["uint8", fc.integer({ min: 0, max: 255 })],
  ];

  it.each(cases)("of %s is the stable sort, with NaN last, or first when descending", async (dtype, value) => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), fc.boolean(), async (values, descending) => {
        const x = tensor(values, { dtype });
        const [out, indices] = x.sort({ descending });
        const order = sorted(values, descending);
        expect(await indices.tolist()).toEqual(order);
        expect(await out.tolist()).toEqual(order.map((i) => values[i]!));
        expect(await x.argsort({ descending }).tolist()).toEqual(order);
        const k = Math.min(3, values.length);
        expect(await x.topk(k, { largest: descending })[1].tolist()).toEqual(order.slice(0, k));
      }),
    );
  });

  it("sorts along any dim, each row by itself", async () => {
    const x = tensor([
      [3, 1, 2],
      [0, 5, 4],
    ]);
    expect(await x.sort(0)[0].tolist()).toEqual([
      [0, 1, 2],
      [3, 5, 4],
    ]);
    expect(await x.topk(2, 1)[0].tolist()).toEqual([
      [3, 2],
      [5, 4],
    ]);
  });

  it("errors name the values and the way out", () => {
    const x = ones([2, 3]);
    expect(() => x.sort(2)).toThrow("sort: dim 2 is out of range for 2 dims");
    expect(() => x.argsort(-3)).toThrow("argsort: dim -3 is out of range for 2 dims");
    expect(() => x.topk(4)).toThrow(ValueError);
    expect(() => x.topk(4)).toThrow("topk: k must be an integer from 0 to 3, the size of dim 1 of [2, 3], got 4");
    expect(() => x.topk(1.5, 0)).toThrow(
      "topk: k must be an integer from 0 to 2, the size of dim 0 of [2, 3], got 1.5",
    );
    expect(() => x.bool().topk(1)).toThrow(DTypeError);
    expect(() => loose(x).sort!(0, { order: "desc" })).toThrow(
      'sort: unknown option "order"\n  hint: it takes descending, stable',
    );
    expect(() => loose(x).sort!({ reverse: true })).toThrow('sort: unknown option "reverse"');
    expect(() => loose(x).topk!(1, { smallest: true })).toThrow(
      'topk: unknown option "smallest"\n  hint: it takes largest, sorted',
    );
  });
});

describe("unique", () => {
  it("gives the values in order, and places and counts that rebuild the tensor", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 20 }), async (values) => {
        const x = tensor(values, { dtype: "int32" });
        const [found, places, counts] = await x.unique({ returnInverse: true, returnCounts: true });
        expect(await found!.tolist()).toEqual([...new Set(values)].sort((a, b) => a - b));
        expect(await found!.at(places!).tolist()).toEqual(values);
        expect(await counts!.tolist()).toEqual(
          ((await found!.tolist()) as number[]).map((v) => values.filter((w) => w === v).length),
        );
      }),
    );
  });

  it("counts each NaN as different, and both zeros as one", async () => {
    const [values, places, counts] = await tensor([NaN, 0, NaN, -0]).unique({
      returnInverse: true,
      returnCounts: true,
    });
    expect(values!.shape).toEqual([3]);
    expect(await places!.tolist()).toEqual([1, 0, 2, 0]);
    expect(await counts!.tolist()).toEqual([2, 1, 1]);
  });
});
