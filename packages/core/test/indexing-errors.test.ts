import { describe, expect, it } from "vitest";
import {
  DTypeError,
  GradientError,
  IndexError,
  ones,
  rand,
  range,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from "@downhill/core";

/** What JavaScript callers can do and TypeScript does not let through. */
const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;

const x = rand([2, 3]);
const places = (data: number[]): Tensor => tensor(data, { dtype: "int32" });

describe("at names the dim, the index and the size", () => {
  it("for a position out of range", () => {
    expect(() => x.at(2)).toThrow(IndexError);
    expect(() => x.at(2)).toThrow(
      "at: index 2 is out of range for dim 0 of size 2, in [2, 3]\n  hint: it runs from -2 to 1",
    );
    expect(() => x.at(0, -4)).toThrow("at: index -4 is out of range for dim 1 of size 3");
    expect(() => zeros([0]).at(0)).toThrow(
      "at: index 0 is out of range for dim 0 of size 0, in [0]\n  hint: the dim has no elements",
    );
  });

  it("for a tensor of positions, when it is computed", async () => {
    await expect(x.at(range(), places([0, 3])).data()).rejects.toThrow(IndexError);
    await expect(x.at(range(), places([0, 3])).data()).rejects.toThrow(
      "at: index 3 is out of range for dim 1 of size 3\n  hint: indices run from -3 to 2",
    );
    await expect(x.at(places([-3])).data()).rejects.toThrow("at: index -3 is out of range for dim 0 of size 2");
    await expect(x.at(places([0]), places([3])).data()).rejects.toThrow(
      "at: index 3 is out of range for dim 1 of size 3",
    );
    await expect(x.at([5]).data()).rejects.toThrow("at: index 5 is out of range for dim 0 of size 2");
  });

  it("for too many indices, two ellipses, and what is no index", () => {
    expect(() => x.at(0, 0, 0)).toThrow("at: too many indices: 3 for the 2 dims of [2, 3]");
    expect(() => x.at("...", 0, "...")).toThrow('at: "..." may stand only once');
    expect(() => x.at(0.5)).toThrow("at: a position must be an integer, got 0.5 for dim 0");
    expect(() => x.at([0, 0.5])).toThrow("at: a list of positions holds integers, got 0.5");
    expect(() => loose(x).at!("0")).toThrow('at: "0" is no index');
    expect(() => loose(x).at!(true)).toThrow("at: true is no index");
    expect(() => loose(x).at!(undefined)).toThrow("at: undefined is no index");
    expect(() => loose(x).at!({ from: 1 })).toThrow("at: {from} is no index");
  });

  it("for an index tensor that is neither int32 nor bool", () => {
    expect(() => x.at(tensor([0, 1]))).toThrow(DTypeError);
    expect(() => x.at(tensor([0, 1]))).toThrow(
      'at: an index tensor must be int32, or bool for a mask, got float32 for dim 0\n  hint: convert it with index.to("int32"), or make it with tensor(data, { dtype: "int32" })',
    );
    expect(() => x.at(tensor([0, 1], { dtype: "uint8" }))).toThrow(
      'hint: write index.to("bool") for a mask, index.to("int32") for positions',
    );
    expect(() => x.at(places([0, 1]), places([0, 1, 2]))).toThrow(
      "at (index tensors): shapes [2] and [3] do not broadcast",
    );
  });

  it("for ranges with a step below 1, or ends that are no integers", () => {
    expect(() => range(0, 5, 0)).toThrow(ValueError);
    expect(() => range(null, null, -1)).toThrow(
      "range: step of a range must be 1 or more, got -1\n  hint: reverse with x.flip(dim), then take a range",
    );
    expect(() => range(0.5)).toThrow("range: start of a range must be an integer or null, got 0.5");
    expect(() => x.at({ step: -2 })).toThrow("at: step of a range must be 1 or more, got -2");
  });
});

describe("gather, scatter and their kin", () => {
  it("name the index that is out of range, and where", async () => {
    await expect(x.gather(1, tensor([[3]], { dtype: "int32" })).data()).rejects.toThrow(
      "gather: index 3 is out of range for dim 1 of size 3\n  hint: indices run from 0 to 2",
    );
    await expect(x.gather(1, tensor([[-1]], { dtype: "int32" })).data()).rejects.toThrow(
      "gather: index -1 is out of range",
    );
    await expect(x.indexSelect(0, places([2])).data()).rejects.toThrow(
      "indexSelect: index 2 is out of range for dim 0 of size 2",
    );
    await expect(x.take(places([6])).data()).rejects.toThrow(
      "take: index 6 is out of range of size 6\n  hint: indices run from -6 to 5",
    );
    await expect(x.scatter(0, tensor([[2]], { dtype: "int32" }), 1).data()).rejects.toThrow(
      "scatter: index 2 is out of range",
    );
    await expect(x.scatterAdd(0, tensor([[2]], { dtype: "int32" }), ones([1, 1])).data()).rejects.toThrow(
      "scatterAdd: index 2 is out of range",
    );
    await expect(x.indexAdd(0, places([2]), ones([1, 3])).data()).rejects.toThrow("indexAdd: index 2 is out of range");
    await expect(x.indexFill(0, places([2]), 1).data()).rejects.toThrow(
      "indexFill: index 2 is out of range for dim 0 of size 2",
    );
    await expect(x.indexPut([places([2])], 1).data()).rejects.toThrow(
      "indexPut: index 2 is out of range for dim 0 of size 2",
    );
  });

  it("say which shapes do not fit", () => {
    const index = tensor([[0], [1], [0]], { dtype: "int32" });
    expect(() => x.gather(0, places([0]))).toThrow("gather: index has shape [1], the tensor [2, 3]: 1 and 2 dims");
    expect(() => x.gather(1, index)).toThrow("gather: index of shape [3, 1] is larger than the tensor [2, 3] in dim 0");
    expect(() => x.scatter(0, index, ones([2, 1]))).toThrow(
      "scatter: index of shape [3, 1] is larger than the source [2, 1] in dim 0",
    );
    expect(() => x.indexSelect(0, index)).toThrow("indexSelect: the index must have 1 dim, got [3, 1]");
    expect(() => x.indexAdd(0, places([0]), ones([2, 3]))).toThrow(
      "indexAdd: the source has shape [2, 3], but 1 slices of [2, 3] along dim 0 have [1, 3]",
    );
    expect(() => x.indexFill(0, places([0]), ones([3]))).toThrow(
      "indexFill: the value must be a number or a 0-d tensor, got [3]",
    );
    expect(() => x.gather(2, places([0]))).toThrow("gather: dim 2 is out of range for 2 dims");
  });

  it("say which dtypes do not fit", () => {
    expect(() => x.gather(0, ones([2, 3]))).toThrow(DTypeError);
    expect(() => x.take(tensor([true]))).toThrow(
      "take: the index must be int32, got bool\n  hint: a mask goes to at, maskedSelect or where",
    );
    expect(() => loose(x).take!([0])).toThrow("take: the index must be an int32 tensor, got [0]");
    expect(() => x.scatterAdd(0, tensor([[0]], { dtype: "int32" }), places([1]).reshape(1, 1))).toThrow(
      "scatterAdd: the tensor is float32, the source int32",
    );
    expect(() => loose(x).scatterAdd!(0, tensor([[0]], { dtype: "int32" }), 1)).toThrow(
      "scatterAdd: the source must be a tensor, got 1",
    );
    expect(() => loose(x).scatter!(0, tensor([[0]], { dtype: "int32" }), "1")).toThrow(
      'scatter: expects a tensor or a number, got "1"',
    );
    expect(() => places([1]).indexAdd(0, places([0]), places([1]), { alpha: 0.5 })).toThrow(
      "indexAdd: alpha must be an integer for int32 tensors, got 0.5",
    );
    expect(() => x.maskedSelect(x)).toThrow("maskedSelect: the mask must be bool, got float32");
    expect(() => x.maskedSelect(tensor([true, false]))).toThrow("maskedSelect: shapes [2, 3] and [2] do not broadcast");
  });

  it("refuse options they do not know", async () => {
    expect(() => loose(x).scatter!(0, tensor([[0]], { dtype: "int32" }), 1, { reduce: "mean" })).toThrow(
      'scatter: unknown reduce "mean"',
    );
    expect(() => loose(x).scatter!(0, tensor([[0]], { dtype: "int32" }), 1, { reduction: "add" })).toThrow(
      'scatter: unknown option "reduction"',
    );
    expect(() => loose(x).indexAdd!(0, places([0]), ones([1, 3]), { scale: 1 })).toThrow(
      'indexAdd: unknown option "scale"',
    );
    await expect(loose(x).unique!({ dim: 0 })).rejects.toThrow('unique: unknown option "dim"');
  });
});

describe("indexPut", () => {
  it("says what the value must be", () => {
    expect(() => x.indexPut([0], ones([2]))).toThrow(ShapeError);
    expect(() => x.indexPut([0], ones([2, 3]))).toThrow(
      "indexPut: a value of shape [2, 3] does not broadcast to x[…] of shape [3]",
    );
    expect(() => places([1]).indexPut([0], ones([]))).toThrow(
      'indexPut: a float32 value for a int32 tensor\n  hint: convert it: value.to("int32")',
    );
    expect(() => x.indexPut([x.gt(0)], ones([4]))).toThrow(
      "indexPut: with a mask the value must be the same for every element that it selects; this one has shape [4]",
    );
    expect(() => x.indexPut([tensor([true, false]), [0, 1]], 1)).toThrow(
      "indexPut: a mask cannot stand beside index tensors or another mask",
    );
    expect(() => loose(x).indexPut!(0, 1)).toThrow(
      "indexPut: the indices must be in an array, got 0\n  hint: write x.indexPut_([0, range(1, 3)], value)",
    );
    expect(() => loose(x).indexPut!([0], "1")).toThrow('indexPut: expects a tensor or a number, got "1"');
    expect(() => loose(x).indexPut!([0], 1, { add: true })).toThrow('indexPut: unknown option "add"');
  });

  it("does not write into a view, or into a leaf with gradients", () => {
    expect(() => x.at(0).indexPut_([0], 1)).toThrow(GradientError);
    expect(() => x.at(0).indexPut_([0], 1)).toThrow("indexPut_: this tensor is a view");
    expect(() => ones([2], { requiresGrad: true }).indexPut_([0], 1)).toThrow(
      "indexPut_: a leaf that requires gradients cannot be changed in place",
    );
  });
});
