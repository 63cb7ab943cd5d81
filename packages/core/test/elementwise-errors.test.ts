import { describe, expect, it } from "vitest";
import * as core from "@downhill/core";
import { DTypeError, IndexError, ones, ShapeError, type Tensor, tensor, ValueError, where } from "@downhill/core";

/** What JavaScript callers can do and TypeScript does not let through. */
const loose = (x: unknown): Record<string, (...args: unknown[]) => Tensor> =>
  x as Record<string, (...args: unknown[]) => Tensor>;
const free = loose(core);

const x = ones([2, 3]);
const int = ones([3], { dtype: "int32" });
const byte = ones([3], { dtype: "uint8" });
const bool = ones([3], { dtype: "bool" });

const arithmetic = [
  "add",
  "sub",
  "rsub",
  "mul",
  "div",
  "floorDivide",
  "remainder",
  "fmod",
  "maximum",
  "minimum",
  "pow",
  "atan2",
];
const comparisons = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr", "logicalXor"];
const unary = [
  ...[
    "neg",
    "positive",
    "abs",
    "sign",
    "reciprocal",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "rsqrt",
  ],
  ...[
    "square",
    "erf",
    "erfc",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
  ],
  ...[
    "deg2rad",
    "rad2deg",
    "floor",
    "ceil",
    "trunc",
    "round",
    "frac",
    "logicalNot",
    "isnan",
    "isinf",
    "isfinite",
    "nanToNum",
  ],
  ...["relu", "relu6", "hardtanh", "sigmoid", "silu", "logsigmoid", "softplus", "gelu", "elu", "leakyRelu"],
];

describe("pairs refuse", () => {
  it.each([...arithmetic, ...comparisons])("%s: shapes that do not broadcast", (name) => {
    const call = (): unknown => loose(x)[name]!(ones([2]));
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(/: shapes \[2(, 3)?\] and \[2(, 3)?\] do not broadcast \(. and . at dim -1\)\n {2}hint: /);
    expect(call).toThrow(name);
  });

  it.each([...arithmetic, ...comparisons])("%s: what is no tensor and no number", (name) => {
    expect(() => loose(x)[name]!("2")).toThrow(`${name}: expects a tensor or a number, got "2"`);
    expect(() => loose(x)[name]!([1, 2, 3])).toThrow("wrap the array in tensor(…)");
    expect(() => loose(x)[name]!()).toThrow(`${name}: expects a tensor or a number, got undefined`);
    expect(() => free[name]!(null, x)).toThrow(`${name}: expects a tensor or a number, got null`);
  });

  it.each([...arithmetic, ...comparisons])("%s: two numbers", (name) => {
    expect(() => free[name]!(1, 2)).toThrow(DTypeError);
    expect(() => free[name]!(1, 2)).toThrow(
      /one operand must be a tensor, got . and .\n {2}hint: make one with tensor/,
    );
  });

  it.each(["floorDivide", "remainder", "fmod", "pow"])("%s: two bools", (name) => {
    expect(() => loose(bool)[name]!(bool)).toThrow(`${name}: not defined for bool`);
  });

  it.each(["sub", "rsub"])("%s: one bool", (name) => {
    expect(() => loose(bool)[name]!(int)).toThrow(`${name}: not defined for bool`);
    expect(() => loose(int)[name]!(true)).toThrow(`${name}: not defined for bool`);
  });

  it.each(["minimum", "maximum", "remainder", "clampMin"])("%s: a number that an integer dtype cannot hold", (name) => {
    expect(() => loose(byte)[name]!(300)).toThrow(ValueError);
    expect(() => loose(byte)[name]!(300)).toThrow(
      `${name}: 300 does not fit uint8\n  hint: convert the tensor first: x.to("int32")`,
    );
    expect(() => loose(byte)[name]!(-1)).toThrow(`${name}: -1 does not fit uint8`);
    expect(() => loose(int)[name]!(2 ** 31)).toThrow(`${name}: 2147483648 does not fit int32`);
  });

  it.each(["add", "sub", "rsub"])("%s: a wrong alpha", (name) => {
    expect(() => loose(x)[name]!(1, { alpha: "2" })).toThrow(`${name}: alpha must be a number, got "2"`);
    expect(() => loose(int)[name]!(1, { alpha: 0.5 })).toThrow(`${name}: alpha must be an integer for int32, got 0.5`);
    expect(() => loose(x)[name]!(1, { beta: 2 })).toThrow(`${name}: unknown option "beta"\n  hint: it takes alpha`);
    expect(() => loose(x)[name]!(1, 2)).toThrow(`${name}: options must be an object, got 2`);
  });

  it("div: a wrong rounding mode", () => {
    expect(() => loose(x).div!(1, { roundingMode: "ceil" })).toThrow(
      'div: unknown roundingMode "ceil"\n  hint: it is "floor", "trunc" or null',
    );
    expect(() => loose(x).div!(1, { rounding_mode: "floor" })).toThrow(
      'div: unknown option "rounding_mode"\n  hint: it takes roundingMode',
    );
  });

  it("pow: integers to a negative number", () => {
    expect(() => int.pow(-1)).toThrow(
      'pow: int32 to the power of -1 is no integer\n  hint: convert it: x.to("float32")',
    );
  });

  it.each(["floorDivide", "remainder", "fmod"])("%s: an integer divided by 0, when it is computed", async (name) => {
    const result = loose(int)[name]!(0);
    await expect(result.data()).rejects.toThrow(`${name}: integer division of 1 by 0\n  hint: convert to float`);
  });
});

describe("functions of one tensor refuse", () => {
  it.each(unary)("%s: what is no tensor", (name) => {
    expect(() => free[name]!(2)).toThrow(`${name}: expects a tensor, got 2`);
    expect(() => free[name]!([1, 2])).toThrow("make one with tensor(…)");
  });

  it.each(["neg", "positive", "abs", "floor", "ceil", "trunc", "round", "relu", "relu6", "hardtanh"])(
    "%s: bool",
    (name) => {
      expect(() => loose(bool)[name]!()).toThrow(`${name}: not defined for bool`);
    },
  );

  it.each(["frac", "silu", "logsigmoid", "softplus", "gelu", "elu", "leakyRelu"])("%s: integers and bools", (name) => {
    expect(() => loose(int)[name]!()).toThrow(
      `${name}: needs a float tensor, got int32\n  hint: convert it with x.to("float32")`,
    );
    expect(() => loose(bool)[name]!()).toThrow(DTypeError);
  });

  it("round: decimals that are no integer, or of integers", () => {
    expect(() => x.round({ decimals: 0.5 })).toThrow("round: decimals must be an integer, got 0.5");
    expect(() => int.round({ decimals: 1 })).toThrow("round: decimals need a float tensor, got int32");
    expect(() => loose(x).round!({ digits: 1 })).toThrow('round: unknown option "digits"\n  hint: it takes decimals');
  });

  it.each([
    ["gelu", { tanh: true }, "approximate"],
    ["elu", { a: 1 }, "alpha"],
    ["softplus", { gamma: 1 }, "beta, threshold"],
    ["hardtanh", { min: 1 }, "minVal, maxVal"],
    ["leakyRelu", { slope: 1 }, "negativeSlope"],
    ["nanToNum", { inf: 1 }, "nan, posinf, neginf"],
  ])("%s: the unknown option %o", (name, options, known) => {
    expect(() => loose(x)[name]!(options)).toThrow(
      `${name}: unknown option "${Object.keys(options)[0]!}"\n  hint: it takes ${known}`,
    );
  });

  it.each([
    ["elu", "alpha"],
    ["softplus", "beta"],
    ["softplus", "threshold"],
    ["hardtanh", "minVal"],
    ["leakyRelu", "negativeSlope"],
  ])("%s: %s that is no number", (name, option) => {
    expect(() => loose(x)[name]!({ [option]: "1" })).toThrow(`${name}: ${option} must be a number, got "1"`);
  });

  it("gelu: an unknown approximation", () => {
    expect(() => loose(x).gelu!({ approximate: "erf" })).toThrow(
      'gelu: unknown approximate "erf"\n  hint: it is "none" or "tanh"',
    );
  });

  it("hardtanh: limits in the wrong order, or below an unsigned dtype", () => {
    expect(() => x.hardtanh({ minVal: 1, maxVal: 1 })).toThrow("hardtanh: minVal 1 must be below maxVal 1");
    expect(() => byte.hardtanh()).toThrow("hardtanh: -1 does not fit uint8");
  });
});

describe("softmax and its kin refuse", () => {
  it.each(["softmax", "logSoftmax", "logsumexp"])("%s: a dim that x does not have", (name) => {
    expect(() => loose(x)[name]!(2)).toThrow(IndexError);
    expect(() => loose(x)[name]!(2)).toThrow(`${name}: dim 2 is out of range for 2 dims\n  hint: it runs from -2 to 1`);
  });

  it.each(["softmax", "logSoftmax"])("%s: no dim", (name) => {
    expect(() => loose(x)[name]!()).toThrow(`${name}: dim must be an integer, got undefined`);
  });

  it.each(["softmax", "logSoftmax"])("%s: integers without a dtype", (name) => {
    expect(() => loose(int)[name]!(0)).toThrow(`${name}: needs a float tensor, got int32`);
    expect(() => loose(x)[name]!(0, { dtype: "int32" })).toThrow(`${name}: needs a float tensor, got int32`);
    expect(() => loose(x)[name]!(0, { dtype: "bfloat16" })).toThrow(`${name}: unknown dtype "bfloat16"`);
    expect(() => loose(x)[name]!(0, { dim: 1 })).toThrow(`${name}: unknown option "dim"\n  hint: it takes dtype`);
  });

  it("logsumexp: a dim twice, an unknown option", () => {
    expect(() => x.logsumexp([0, -2])).toThrow("logsumexp: dim 0 appears twice in [0, -2]");
    expect(() => loose(x).logsumexp!(0, { keepDim: true })).toThrow(
      'logsumexp: unknown option "keepDim"\n  hint: it takes keepdim',
    );
  });
});

describe("choices refuse", () => {
  const mask = tensor([true, false, true]);

  it("where: a condition that is not bool", () => {
    expect(() => where(int, x, x)).toThrow(
      "where: the condition must be bool, got int32\n  hint: compare first: x.ne(0)",
    );
    expect(() => free.where!(true, x, x)).toThrow("where: expects a tensor, got true");
  });

  it("where: shapes that do not broadcast, operands that are no tensors", () => {
    expect(() => where(mask, ones([2]), 0)).toThrow("where: shapes [2] and [3] do not broadcast");
    expect(() => x.where(mask, ones([4]))).toThrow("where: shapes [2, 3] and [4] do not broadcast");
    expect(() => free.where!(mask, "a", x)).toThrow('where: expects a tensor or a number, got "a"');
    expect(() => free.where!(mask, 1, "b")).toThrow('where: expects a tensor or a number, got "b"');
  });

  it("clamp: no bound, an unknown one, bools", () => {
    expect(() => loose(x).clamp!()).toThrow(
      "clamp: needs min, max or both\n  hint: write x.clamp(0, 1) or x.clamp({ max: 1 })",
    );
    expect(() => x.clamp({})).toThrow("clamp: needs min, max or both");
    expect(() => loose(x).clamp!({ low: 1 })).toThrow('clamp: unknown option "low"\n  hint: it takes min, max');
    expect(() => loose(x).clamp!("0")).toThrow('clamp: expects a tensor or a number, got "0"');
    expect(() => bool.clamp(false, true)).toThrow("clamp: not defined for bool");
    expect(() => x.clamp(ones([2]))).toThrow("clamp: shapes [2, 3] and [2] do not broadcast");
  });

  it("maskedFill: a wrong mask or value", () => {
    expect(() => x.maskedFill(int, 0)).toThrow("maskedFill: the condition must be bool, got int32");
    expect(() => x.maskedFill(tensor([true, false]), 0)).toThrow("maskedFill: shapes [2, 3] and [2] do not broadcast");
    expect(() => x.maskedFill(mask, ones([3]))).toThrow(
      "maskedFill: the value must be a number or a 0-d tensor, got [3]\n  hint: use where(mask, value, x)",
    );
    expect(() => byte.maskedFill(mask, 300)).toThrow("maskedFill: 300 does not fit uint8");
    expect(() => int.maskedFill(mask, NaN)).toThrow("maskedFill: NaN does not fit int32");
    expect(() => loose(x).maskedFill!(mask, "0")).toThrow('maskedFill: expects a tensor or a number, got "0"');
  });

  it("lerp: integers, two dtypes, shapes that do not broadcast", () => {
    expect(() => int.lerp(int, 0.5)).toThrow("lerp: needs a float tensor, got int32");
    expect(() => x.lerp(x.to("float64"), 0.5)).toThrow("lerp: needs one dtype, got float32 and float64");
    expect(() => x.lerp(x, ones([3], { dtype: "float64" }))).toThrow("lerp: needs one dtype, got float32 and float64");
    expect(() => x.lerp(ones([2]), 0.5)).toThrow("lerp: shapes [2, 3] and [2] do not broadcast");
    expect(() => loose(x).lerp!(x)).toThrow("lerp: expects a tensor, got undefined");
  });

  it.each(["addcmul", "addcdiv"])("%s: shapes, dtypes, options", (name) => {
    expect(() => loose(x)[name]!(ones([2]), x)).toThrow(`${name}: shapes [2, 3] and [2] do not broadcast`);
    expect(() => loose(x)[name]!(2, x)).toThrow(`${name}: expects a tensor, got 2`);
    expect(() => loose(bool)[name]!(bool, bool)).toThrow(`${name}: not defined for bool`);
    expect(() => loose(x)[name]!(x, x, { alpha: 2 })).toThrow(
      `${name}: unknown option "alpha"\n  hint: it takes value`,
    );
    expect(() => loose(x)[name]!(x, x, { value: "2" })).toThrow(`${name}: value must be a number, got "2"`);
    expect(() => loose(int)[name]!(int, int, { value: 0.5 })).toThrow(
      `${name}: value must be an integer for int32, got 0.5`,
    );
  });

  it("addcdiv: integers", () => {
    expect(() => int.addcdiv(int, int)).toThrow("addcdiv: needs float tensors, got int32");
  });
});

describe("in-place forms refuse", () => {
  it("a result of another dtype or shape", () => {
    const x = ones([3]);
    expect(() => x.add_(ones([2, 3]))).toThrow("add_: the result has shape [2, 3], the tensor changed in place [3]");
    expect(() => ones([3], { dtype: "int32" }).add_(0.5)).toThrow(
      "add_: the result is float32, the tensor changed in place int32",
    );
  });

  it("a number that does not fit", () => {
    expect(() => ones([3], { dtype: "uint8" }).fill_(256)).toThrow("fill_: 256 does not fit uint8");
  });
});
