import type { BinaryName, UnaryName } from "@downhill/core/engine";
import type { Writer } from "./writer.js";

/** Functions of one float32 that WGSL computes as well as needed. */
const plain: Partial<Record<UnaryName, (x: string) => string>> = {
  neg: (x) => `(-${x})`,
  abs: (x) => `abs(${x})`,
  exp: (x) => `exp(${x})`,
  log: (x) => `log(${x})`,
  log2: (x) => `log2(${x})`,
  sqrt: (x) => `sqrt(${x})`,
  reciprocal: (x) => `(1.0 / ${x})`,
  sin: (x) => `sin(${x})`,
  cos: (x) => `cos(${x})`,
  tan: (x) => `tan(${x})`,
  asin: (x) => `asin(${x})`,
  acos: (x) => `acos(${x})`,
  atan: (x) => `atan(${x})`,
  sinh: (x) => `sinh(${x})`,
  cosh: (x) => `cosh(${x})`,
  tanh: (x) => `tanh(${x})`,
  asinh: (x) => `asinh(${x})`,
  acosh: (x) => `acosh(${x})`,
  atanh: (x) => `atanh(${x})`,
  floor: (x) => `floor(${x})`,
  ceil: (x) => `ceil(${x})`,
  round: (x) => `round(${x})`,
  trunc: (x) => `trunc(${x})`,
  // 0 for NaN, as PyTorch has it.
  sign: (x) => `select(select(0.0, -1.0, ${x} < 0.0), 1.0, ${x} > 0.0)`,
};

export function ofFloat(_writer: Writer, name: Exclude<UnaryName, "cast" | "copy" | "logicalNot">, x: string): string {
  const write = plain[name];
  if (write === undefined) throw new Error(`webgpu: ${name} is not written yet`);
  return write(x);
}

const isNaN = "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }";

const greater = `fn greater(x: f32, y: f32) -> f32 {
  return select(select(max(x, y), y, is_nan(y)), x, is_nan(x));
}`;

const lesser = `fn lesser(x: f32, y: f32) -> f32 {
  return select(select(min(x, y), y, is_nan(y)), x, is_nan(x));
}`;

const operators: Partial<Record<BinaryName, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
};

export function ofTwoFloats(writer: Writer, name: BinaryName, x: string, y: string): string {
  const operator = operators[name];
  if (operator !== undefined) return `(${x} ${operator} ${y})`;
  if (name === "maximum" || name === "minimum") {
    writer.use("is_nan", isNaN);
    const f = name === "maximum" ? writer.use("greater", greater) : writer.use("lesser", lesser);
    return `${f}(${x}, ${y})`;
  }
  throw new Error(`webgpu: ${name} is not written yet`);
}
