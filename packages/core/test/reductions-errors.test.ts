import { describe, expect, it } from "vitest";
import { DTypeError, IndexError, rand, ShapeError, type Tensor, tensor, ValueError, zeros } from "@downhill/core";

/** What JavaScript callers can do and TypeScript does not let through. */
const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;

const x = rand([2, 3]);
const names = ["sum", "mean", "prod", "var", "std", "amax", "amin", "argmax", "argmin", "all", "any"];

describe("reductions refuse", () => {
  it.each(names)("%s: a dim that x does not have", (name) => {
    expect(() => loose(x)[name]!(2)).toThrow(IndexError);
    expect(() => loose(x)[name]!(2)).toThrow(`${name}: dim 2 is out of range for 2 dims\n  hint: it runs from -2 to 1`);
  });

  it.each(names)("%s: a dim that is no integer", (name) => {
    expect(() => loose(x)[name]!(0.5)).toThrow(`${name}: dim must be an integer, got 0.5`);
    expect(() => loose(x)[name]!("1")).toThrow(`${name}: dim must be an integer`);
  });

  it.each(names)("%s: options in the place of the dim", (name) => {
    expect(() => loose(x)[name]!({ keepdim: true })).toThrow(`${name}: dim must be an integer`);
  });

  it.each(names)("%s: an option that it does not know", (name) => {
    expect(() => loose(x)[name]!(1, { keepDim: true })).toThrow(
      `${name}: unknown option "keepDim"\n  hint: it takes keepdim`,
    );
    expect(() => loose(x)[name]!(1, true)).toThrow(`${name}: options must be an object, got true`);
  });

  it.each(["sum", "mean", "var", "std", "amax", "amin", "all", "any", "countNonzero"])("%s: a dim twice", (name) => {
    expect(() => loose(x)[name]!([0, -2])).toThrow(`${name}: dim 0 appears twice in [0, -2]`);
  });

  it.each(["prod", "argmax", "argmin", "cumsum", "cumprod"])("%s: several dims", (name) => {
    expect(() => loose(x)[name]!([0, 1])).toThrow(`${name}: dim must be an integer, got [0, 1]`);
  });

  it.each(["sum", "mean", "prod", "cumsum", "cumprod"])("%s: a dtype that does not exist", (name) => {
    expect(() => loose(x)[name]!(1, { dtype: "int64" })).toThrow(DTypeError);
    expect(() => loose(x)[name]!(1, { dtype: "int64" })).toThrow(
      `${name}: unknown dtype "int64"\n  hint: PyTorch's int64 is "int32" here`,
    );
  });

  it.each(["amax", "amin", "max", "min", "argmax", "argmin"])("%s: nothing", (name) => {
    const which = name.includes("max") ? "greatest" : "least";
    const said = `${name}: dim 1 of [2, 0] is empty, and nothing has no ${which} element\n  hint: leave empty tensors out`;
    expect(() => loose(zeros([2, 0]))[name]!(1)).toThrow(ShapeError);
    expect(() => loose(zeros([2, 0]))[name]!(1)).toThrow(said);
    expect(() => loose(zeros([2, 0]))[name]!()).toThrow(`${name}:`);
    expect(loose(zeros([0, 2]))[name]!(1)).toBeDefined();
  });

  it.each([
    ["mean", 'write x.mean(dim, { dtype: "float32" })'],
    ["var", 'write x.to("float32").var(…)'],
    ["std", 'write x.to("float32").std(…)'],
    ["norm", 'write x.to("float32").norm(…)'],
  ])("%s: integers, and says how to convert them", (name, hint) => {
    const ints = tensor([1, 2], { dtype: "int32" });
    expect(() => loose(ints)[name]!()).toThrow(DTypeError);
    expect(() => loose(ints)[name]!()).toThrow(`${name}: needs a float dtype, got int32\n  hint: ${hint}`);
  });

  it("max and min: what is neither a dim nor a tensor, and options without a dim", () => {
    expect(() => loose(x).max!([0, 1])).toThrow(
      "max: takes nothing, a dim or a tensor, got [0, 1]\n  hint: over several dims: x.amax([0, 1])",
    );
    expect(() => loose(x).min!(x, { keepdim: true })).toThrow(
      "min: keepdim goes with a dim\n  hint: over all dims: x.amin(null, { keepdim: true })",
    );
    expect(() => x.max(rand([4]))).toThrow(ShapeError);
  });

  it("var: correction and unbiased at once, or no number", () => {
    expect(() => x.var(1, { correction: 0, unbiased: false })).toThrow(
      "var: takes correction or unbiased, got both: 0 and false",
    );
    expect(() => x.std(1, { correction: NaN })).toThrow("std: correction must be a number, got NaN");
    expect(() => x.std(1, { correction: NaN })).toThrow(ValueError);
  });

  it("norm: an order that is neither a number nor fro", () => {
    expect(() => loose(x).norm!("nuc")).toThrow('norm: p must be a number or "fro", got "nuc"');
    expect(() => x.norm(NaN)).toThrow("norm: p must be a number");
    expect(() => zeros([2, 0]).norm(Infinity, 1)).toThrow("norm: [2, 0] has no elements to take the greatest of");
  });

  it.each(["argmax", "argmin"])("%s: bools, as PyTorch does", (name) => {
    expect(() => loose(tensor([true]))[name]!()).toThrow(
      `${name}: not defined for bool\n  hint: convert it with x.to("int32")`,
    );
  });

  it("cumsum: no dim", () => {
    expect(() => loose(x).cumsum!()).toThrow("cumsum: dim must be an integer, got undefined");
  });
});
