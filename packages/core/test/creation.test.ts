import { describe, expect, it } from "vitest";
import {
  arange,
  DTypeError,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
  zeros,
  zerosLike,
} from "@downhill/core";

const free = (f: unknown): ((...args: unknown[]) => Tensor) => f as (...args: unknown[]) => Tensor;

describe("tensor", () => {
  it("takes its dtype from the data: numbers are float32, booleans bool, typed arrays their own", () => {
    expect(tensor(1).dtype).toBe("float32");
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor([true, 2.5]).dtype).toBe("float32");
    expect(tensor(new Float64Array(2)).dtype).toBe("float64");
    expect(tensor([new Uint8Array(2), new Uint8Array(2)])).toMatchObject({ dtype: "uint8", shape: [2, 2] });
    expect(tensor(new BigInt64Array(2)).dtype).toBe("int32");
    expect(tensor(new Uint8ClampedArray(2)).dtype).toBe("uint8");
    expect(tensor(new Uint16Array(2)).dtype).toBe("int32");
    expect(tensor([[], []])).toMatchObject({ dtype: "float32", shape: [2, 0] });
  });

  it("copies the data", async () => {
    const data = new Float32Array([1, 2]);
    const x = tensor(data);
    data[0] = 9;
    expect(await x.tolist()).toEqual([1, 2]);
    (await x.data())[0] = 9;
    expect(await x.tolist()).toEqual([1, 2]);
  });

  it("converts to the dtype asked for", async () => {
    expect(await tensor([1.9, -1.9], { dtype: "int32" }).tolist()).toEqual([1, -1]);
    expect(await tensor([0, 0.5, NaN], { dtype: "bool" }).tolist()).toEqual([false, true, true]);
    expect(await tensor(new Float32Array([1.5, 2.5]), { dtype: "uint8" }).tolist()).toEqual([1, 2]);
    expect(await tensor(new Uint8Array([0, 7]), { dtype: "bool" }).tolist()).toEqual([false, true]);
    expect(await tensor([-1], { dtype: "uint8" }).tolist()).toEqual([255]);
  });

  it("refuses ragged arrays, and says where", () => {
    const hint = "\n  hint: all rows need the same length and depth";
    expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => tensor([[1, 2], [3]])).toThrow(
      `tensor: ragged array: element [1] has 1 elements where 2 were expected${hint}`,
    );
    expect(() =>
      tensor([
        [[1], [2]],
        [[3], [4, 5]],
      ]),
    ).toThrow("tensor: ragged array: element [1][1] has 2 elements where 1 were expected");
    expect(() => tensor([[1, 2], 3])).toThrow("tensor: ragged array: element [1] is 3 where 2 elements were expected");
    expect(() => tensor([1, [2]])).toThrow("tensor: ragged array: element [1] is an array where a number was expected");
    expect(() => tensor([[[1]], new Float32Array(1)])).toThrow(
      "tensor: ragged array: element [1] is a typed array where rows were expected",
    );
  });

  it("refuses what is no number, and says where", () => {
    expect(() => free(tensor)([1, "2"])).toThrow(DTypeError);
    expect(() => free(tensor)([[1], ["2"]])).toThrow('tensor: element [1][0] is "2", not a number or boolean');
    expect(() => free(tensor)(null)).toThrow("tensor: the data is null");
    expect(() => free(tensor)([tensor(1)])).toThrow(
      "tensor: element [0] is Tensor([]), not a number or boolean\n  hint: join tensors with stack([...])",
    );
  });

  it("refuses numbers that do not fit the dtype, instead of wrapping them", () => {
    const said = "tensor: 3000000000 does not fit int32\n  hint: it holds whole numbers from -2147483648 to 2147483647";
    expect(() => tensor([3e9], { dtype: "int32" })).toThrow(ValueError);
    expect(() => tensor([3e9], { dtype: "int32" })).toThrow(said);
    expect(() => tensor(new BigInt64Array([3_000_000_000n]))).toThrow(said);
    expect(() => tensor([256], { dtype: "uint8" })).toThrow(
      "tensor: 256 does not fit uint8\n  hint: it holds whole numbers from 0 to 255",
    );
    expect(() => tensor([NaN], { dtype: "int32" })).toThrow("tensor: NaN does not fit int32");
    expect(() => full([2], -Infinity, { dtype: "int32" })).toThrow("full: -Infinity does not fit int32");
    expect(() => arange(2 ** 31 - 2, 2 ** 31 + 2)).toThrow("arange: 2147483648 does not fit int32");
  });
});

describe("every function that makes a tensor", () => {
  const makers: Record<string, (options: object) => Tensor> = {
    tensor: (options) => tensor([1], options),
    zeros: (options) => zeros([1], options),
    ones: (options) => ones([1], options),
    full: (options) => full([1], 2, options),
    eye: (options) => eye(1, options),
    arange: (options) => arange(3, options),
    linspace: (options) => linspace(0, 1, 3, options),
    zerosLike: (options) => zerosLike(ones([1]), options),
    fullLike: (options) => fullLike(ones([1]), 2, options),
  };
  it.each(Object.entries(makers))("%s knows its options", (name, make) => {
    expect(make({ dtype: "float64", requiresGrad: true })).toMatchObject({ dtype: "float64", requiresGrad: true });
    expect(() => make({ requires_grad: true })).toThrow(
      `${name}: unknown option "requires_grad"\n  hint: it takes dtype, device, requiresGrad`,
    );
    expect(() => make({ dtype: "long" })).toThrow(`unknown dtype "long"\n  hint: PyTorch's int64 is "int32" here`);
    expect(() => make({ device: "gpu" })).toThrow('unknown device "gpu"');
    expect(() => make({ dtype: "int32", requiresGrad: true })).toThrow("only float tensors can require gradients");
  });

  it("takes a shape of integers of 0 or more", () => {
    expect(() => zeros([2, -1])).toThrow("zeros: sizes must be integers of 0 or more, got [2, -1]");
    expect(() => ones([1.5])).toThrow("ones: sizes must be integers of 0 or more, got [1.5]");
    expect(() => free(full)(3, 1)).toThrow("full: a shape is an array, got 3\n  hint: write [3]");
    expect(() => eye(-1)).toThrow("eye: n must be an integer of 0 or more, got -1");
    expect(() => linspace(0, 1, 1.5)).toThrow("linspace: steps must be an integer of 0 or more, got 1.5");
  });
});

describe("arange and linspace", () => {
  it("say what does not lead anywhere", () => {
    expect(() => arange(0, 3, 0)).toThrow("arange: a step of 0 does not lead from 0 to 3");
    expect(() => arange(0, 3, -1)).toThrow("arange: a step of -1 does not lead from 0 to 3");
    expect(() => arange(NaN)).toThrow("arange: start, stop and step must be finite numbers, got [NaN]");
    expect(() => free(arange)("3")).toThrow('arange: start, stop and step must be finite numbers, got ["3"]');
  });

  it("do not add up the error of the step", async () => {
    const data = await arange(0, 10, 0.1, { dtype: "float64" }).data();
    expect(data[99]).toBe(99 * 0.1);
    expect((await linspace(0, 0.7, 8).data())[7]).toBe(Math.fround(0.7));
  });
});

describe("the like-forms", () => {
  it("keep what the options leave open", () => {
    const x = zeros([2, 0], { dtype: "uint8" });
    expect(onesLike(x)).toMatchObject({ shape: [2, 0], dtype: "uint8" });
    expect(free(emptyLike)(x, { dtype: undefined }).dtype).toBe("uint8");
    expect(zerosLike(ones([2], { requiresGrad: true })).requiresGrad).toBe(false);
  });

  it("take a tensor", () => {
    expect(() => free(zerosLike)([2])).toThrow("zerosLike: expects a tensor, got [2]");
    expect(() => free(fullLike)([2], 1)).toThrow("fullLike: expects a tensor, got [2]");
  });
});
