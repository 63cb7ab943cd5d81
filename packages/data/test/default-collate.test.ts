import { DTypeError, rand, ShapeError, tensor, type Tensor, ValueError } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { DataLoader, defaultCollate, defaultConvert } from "../src/index.js";

const values = async (x: Tensor): Promise<unknown> => ({ dtype: x.dtype, values: await x.tolist() });

describe("defaultCollate", () => {
  test("stacks tensors along a new first dim, of any shape and dtype", async () => {
    const batch = defaultCollate([tensor([[1, 2]]), tensor([[3, 4]]), tensor([[5, 6]])]);
    expectTypeOf(batch).toEqualTypeOf<Tensor>();
    expect(await values(batch)).toEqual({ dtype: "float32", values: [[[1, 2]], [[3, 4]], [[5, 6]]] });
    const labels = defaultCollate([tensor(3, { dtype: "int32" }), tensor(4, { dtype: "int32" })]);
    expect(await values(labels)).toEqual({ dtype: "int32", values: [3, 4] });
    expect(defaultCollate([rand([0, 2])]).shape).toEqual([1, 0, 2]);
  });

  test("makes float32 of numbers, whole ones too, so that the dtype never follows the values", async () => {
    expect(await values(defaultCollate([1, 2, 3]))).toEqual({ dtype: "float32", values: [1, 2, 3] });
    expect(await values(defaultCollate([0.5, 2]))).toEqual({ dtype: "float32", values: [0.5, 2] });
    expectTypeOf(defaultCollate([1, 2])).toEqualTypeOf<Tensor>();
  });

  test("makes int32 of bigint, PyTorch's int64, and bool of booleans", async () => {
    expect(await values(defaultCollate([3n, -(2n ** 31n)]))).toEqual({ dtype: "int32", values: [3, -2147483648] });
    expect(await values(defaultCollate([true, false]))).toEqual({ dtype: "bool", values: [true, false] });
    expectTypeOf(defaultCollate([true, false])).toEqualTypeOf<Tensor>();
  });

  test("makes rows of typed arrays, in their own dtype", async () => {
    const of = async (...arrays: Parameters<typeof defaultCollate<Float32Array>>[0][number][]) =>
      values(defaultCollate(arrays));
    expect(await of(Float32Array.of(1, 2), Float32Array.of(3, 4))).toEqual({ dtype: "float32", values: [[1, 2], [3, 4]] }); // prettier-ignore
    expect(await values(defaultCollate([Float64Array.of(0.1), Float64Array.of(0.2)]))).toEqual({ dtype: "float64", values: [[0.1], [0.2]] }); // prettier-ignore
    expect(await values(defaultCollate([Int32Array.of(-7)]))).toEqual({ dtype: "int32", values: [[-7]] });
    expect(await values(defaultCollate([Uint8Array.of(200)]))).toEqual({ dtype: "uint8", values: [[200]] });
    expect(await values(defaultCollate([Uint8ClampedArray.of(255)]))).toEqual({ dtype: "uint8", values: [[255]] });
    expect(await values(defaultCollate([BigInt64Array.of(5n, -5n)]))).toEqual({ dtype: "int32", values: [[5, -5]] });
    expect(defaultCollate([new Float32Array(0), new Float32Array(0)]).shape).toEqual([2, 0]);
  });

  test("keeps strings in an array of its own", () => {
    const names = ["a", "b"];
    const batch = defaultCollate(names);
    expectTypeOf(batch).toEqualTypeOf<string[]>();
    expect(batch).toEqual(["a", "b"]);
    expect(batch).not.toBe(names);
  });

  test("turns arrays and tuples of samples into arrays of batches", async () => {
    const batch = defaultCollate<[number, string]>([[1, "a"], [2, "b"]]); // prettier-ignore
    expectTypeOf(batch).toEqualTypeOf<[Tensor, string[]]>();
    expect(await batch[0].tolist()).toEqual([1, 2]);
    expect(batch[1]).toEqual(["a", "b"]);
    const lists = defaultCollate([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
    expectTypeOf(lists).toEqualTypeOf<Tensor[]>();
    expect(await Promise.all(lists.map((list) => list.tolist()))).toEqual([[1, 4], [2, 5], [3, 6]]); // prettier-ignore
  });

  test("collates objects key by key, to any depth", async () => {
    const sample = (i: number) => ({ image: tensor([i, i]), about: { label: BigInt(i), tags: [i > 1] } });
    const batch = defaultCollate([sample(1), sample(2)]);
    expectTypeOf(batch).toEqualTypeOf<{ image: Tensor; about: { label: Tensor; tags: Tensor[] } }>();
    expect(await batch.image.tolist()).toEqual([[1, 1], [2, 2]]); // prettier-ignore
    expect(await batch.about.label.tolist()).toEqual([1, 2]);
    expect(await batch.about.tags[0]!.tolist()).toEqual([false, true]);
  });

  test("takes the keys of an object in any order, and objects without a prototype", async () => {
    const bare = Object.assign(Object.create(null) as { a: number; b: number }, { b: 20, a: 2 });
    const batch = defaultCollate([{ a: 1, b: 10 }, bare]);
    expect([await batch.a.tolist(), await batch.b.tolist()]).toEqual([[1, 2], [10, 20]]); // prettier-ignore
  });
});

describe("defaultCollate refuses", () => {
  const collate =
    (...samples: unknown[]) =>
    () =>
      defaultCollate(samples);

  test("tensors of different shapes, naming the sample and both shapes", () => {
    expect(collate(rand([2, 3]), rand([2, 3]), rand([2, 4]))).toThrow(
      new ShapeError(
        "defaultCollate: the samples do not fit together: sample 0 is a Tensor of shape [2, 3], sample 2 is a Tensor of shape [2, 4]",
        "bring them to one form in dataset.get, or pass `collate`, which joins them as you like",
      ),
    );
  });

  test("and says where in the sample the values stand that differ", () => {
    expect(collate({ xs: [1, rand([2])] }, { xs: [1, rand([3])] })).toThrow(
      "do not fit together at .xs[1]: sample 0 is a Tensor of shape [2], sample 1 is a Tensor of shape [3]",
    );
  });

  test("and which samples of the dataset they are, in a loader", () => {
    const ragged = { length: 10, get: (index: number) => rand([index < 7 ? 2 : 3]) };
    const loader = new DataLoader(ragged, { sampler: [1, 4, 8], batchSize: 3 });
    expect(() => [...loader]).toThrow(
      "sample 0 (index 1) is a Tensor of shape [2], sample 2 (index 8) is a Tensor of shape [3]",
    );
  });

  test("arrays of different lengths", () => {
    expect(collate([1, 2], [1])).toThrow("sample 0 is an array of 2 elements, sample 1 is an array of 1 elements");
    expect(collate(new Float32Array(3), new Float32Array(4))).toThrow(
      "sample 0 is a Float32Array of 3 elements, sample 1 is a Float32Array of 4 elements",
    );
  });

  test("objects of different keys", () => {
    expect(collate({ a: 1 }, { a: 1, b: 2 })).toThrow(
      "sample 0 is an object with keys a, sample 1 is an object with keys a, b",
    );
    expect(collate({ a: 1 }, { b: 1 })).toThrow(ShapeError);
  });

  test("values of different kinds", () => {
    expect(collate(1, "1")).toThrow("sample 0 is a number, sample 1 is a string");
    expect(collate(1, true)).toThrow("sample 0 is a number, sample 1 is a boolean");
    expect(collate(rand([1]), 1)).toThrow("sample 0 is a Tensor of shape [1], sample 1 is a number");
    expect(collate({ a: 1 }, [1])).toThrow("sample 0 is an object with keys a, sample 1 is an array of 1 elements");
    expect(collate(new Float32Array(1), new Int32Array(1))).toThrow("is an Int32Array of 1 elements");
    expect(collate(1, undefined)).toThrow("sample 1 is undefined");
  });

  test("values that no tensor holds, naming what can be", () => {
    expect(collate(undefined)).toThrow(DTypeError);
    expect(collate(null, null)).toThrow(
      "defaultCollate: sample 0 is null\n  hint: samples are made of tensors, typed arrays, numbers",
    );
    expect(collate([new Date(0)])).toThrow("defaultCollate: sample 0 is a Date at [0]");
    expect(collate(new Map())).toThrow("sample 0 is a Map");
    expect(collate(new Int16Array(2))).toThrow("sample 0 is an Int16Array");
  });

  test("integers that int32 does not hold", () => {
    expect(collate(1n, 2n ** 31n)).toThrow("defaultCollate: sample 1 is 2147483648n, which int32 does not hold");
    expect(collate(BigInt64Array.of(0n, 2n ** 40n))).toThrow("sample 0 is 1099511627776n, which int32 does not hold");
  });

  test("an empty batch", () => {
    expect(collate()).toThrow(ValueError);
    expect(collate()).toThrow("defaultCollate: a batch needs at least one sample");
  });
});

test("defaultConvert makes tensors of typed arrays and leaves all else as it is", async () => {
  const x = rand([2]);
  const when = new Date(0);
  const sample = { x, list: [Float64Array.of(1), 2] as [Float64Array, number], name: "a", when, none: null, on: true };
  const converted = defaultConvert(sample);
  expectTypeOf(converted.list).toEqualTypeOf<[Tensor, number]>();
  expect(converted.x).toBe(x);
  expect(converted.when).toBe(when);
  expect(await values(converted.list[0])).toEqual({ dtype: "float64", values: [1] });
  expect([converted.list[1], converted.name, converted.none, converted.on]).toEqual([2, "a", null, true]);
  expect(await values(defaultConvert(Uint8ClampedArray.of(9)))).toEqual({ dtype: "uint8", values: [9] });
});

test("defaultCollate refuses what is no array of samples", () => {
  expect(() => defaultCollate(3 as never)).toThrow("defaultCollate: the samples must be an array, got 3");
  expect(() => defaultCollate(null as never)).toThrow(ValueError);
});
