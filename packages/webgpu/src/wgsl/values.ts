import type { DType } from "@downhill/core";
import type { Expression } from "@downhill/core/compiler";
import type { BinaryName, UnaryName } from "@downhill/core/engine";
import { ofFloat, ofTwoFloats } from "./float-functions.js";
import { bitsOfHalf, ofHalf } from "./halves.js";
import { philox } from "./philox.js";
import { divideInts } from "./integer-division.js";
import { nanTest } from "./rounding.js";
import type { Writer } from "./writer.js";

/** How a dtype's values are computed with: bytes as i32, float16 as f32. */
export const typeOf: Record<DType, string> = {
  float16: "f32",
  float32: "f32",
  float64: "f32", // no tensor of a WebGPU device has it
  int32: "i32",
  uint8: "i32",
  bool: "bool",
};

const isInt = (dtype: DType): boolean => dtype === "int32" || dtype === "uint8";

const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float16";

/** How many elements a word of memory holds: what is narrower than a word is written together with its neighbours. */
export const perWord = (dtype: DType): number =>
  dtype === "uint8" || dtype === "bool" ? 4 : dtype === "float16" ? 2 : 1;
export const isNarrow = (dtype: DType): boolean => perWord(dtype) > 1;

/** Reads element `at` (i32) of a value whose address is `base` (u32, in words). */
export function load(writer: Writer, dtype: DType, base: string, at: string): string {
  if (dtype === "float16") {
    const place = writer.let(`u32(${at})`);
    return `unpack2x16float(${writer.load(`${base} + (${place} >> 1u)`)})[${place} & 1u]`;
  }
  if (isNarrow(dtype)) {
    const place = writer.let(`u32(${at})`);
    const byte = `(${writer.load(`${base} + (${place} >> 2u)`)} >> ((${place} & 3u) * 8u)) & 0xffu`;
    return dtype === "bool" ? `((${byte}) != 0u)` : `i32(${byte})`;
  }
  return `bitcast<${typeOf[dtype]}>(${writer.load(`${base} + u32(${at})`)})`;
}

/** The bits of a value, to be stored: of what is narrower than a word, the low ones. */
export const bitsOf = (writer: Writer, dtype: DType, value: string): string =>
  dtype === "float16"
    ? bitsOfHalf(writer, value)
    : dtype === "bool"
      ? `select(0u, 1u, ${value})`
      : dtype === "uint8"
        ? `u32(${value})`
        : `bitcast<u32>(${value})`;

/** The value that bits stand for. */
export const ofBits = (dtype: DType, bits: string): string =>
  dtype === "float16" ? ofHalf(bits) : dtype === "bool" ? `((${bits}) != 0u)` : `bitcast<${typeOf[dtype]}>(${bits})`;

/** Writes element `at` of a value. */
export function store(writer: Writer, dtype: DType, base: string, at: string, value: string): void {
  const count = perWord(dtype);
  if (count === 1) {
    writer.store(`${base} + u32(${at})`, bitsOf(writer, dtype, value));
    return;
  }
  // A part of a word that other threads write to as well: each changes only its own bits.
  const place = writer.let(`u32(${at})`);
  const word = `${base} + ${place} / ${count}u`;
  const shift = `((${place} % ${count}u) * ${32 / count}u)`;
  writer.line(`atomicAnd(&m[${word}], ~(${count === 4 ? "0xffu" : "0xffffu"} << ${shift}));`);
  writer.line(`atomicOr(&m[${word}], (${bitsOf(writer, dtype, value)}) << ${shift});`);
}

/** Where a value is not 0. */
const truth = (x: string, dtype: DType): string =>
  dtype === "bool" ? x : isFloat(dtype) ? `!(${x} == 0.0)` : `(${x} != 0)`; // WGSL's != is false for NaN

/** Bools as 0 and 1. */
const counted = (x: string, dtype: DType): string => (dtype === "bool" ? `select(0, 1, ${x})` : x);

const toInt = `fn to_int(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648.0, 2147483520.0));
  return select(select(inside, 2147483647, x >= 2147483648.0), 0, is_nan(x));
}`;

// Modulo 256, exact for every finite number, since 256 is a power of 2.
const toByte = `fn to_byte(x: f32) -> i32 {
  let whole = trunc(x);
  let rest = whole - 256.0 * floor(whole * 0.00390625);
  return select(0, i32(rest), rest >= 0.0 && rest < 256.0);
}`;

function cast(writer: Writer, x: string, from: DType, to: DType): string {
  if (from === to || (isFloat(from) && isFloat(to))) return x;
  if (to === "bool") return truth(x, from);
  if (to === "float32") return from === "bool" ? `select(0.0, 1.0, ${x})` : `f32(${x})`;
  if (from === "float32") {
    if (to === "uint8") return `${writer.use("to_byte", toByte)}(${x})`;
    nanTest(writer);
    return `${writer.use("to_int", toInt)}(${x})`;
  }
  const value = counted(x, from);
  return to === "uint8" && from === "int32" ? `(${value} & 255)` : value;
}

function unary(writer: Writer, name: Exclude<UnaryName, "cast">, dtype: DType, x: string, from: DType): string {
  if (name === "copy") return x;
  if (name === "logicalNot") return `!${truth(x, from)}`;
  if (isFloat(dtype)) return ofFloat(writer, name, x);
  const value = counted(x, dtype);
  const result = ((): string => {
    switch (name) {
      case "neg":
        return `(-${value})`;
      case "abs":
      case "sign":
        return `${name}(${value})`;
      default:
        return value; // floor, ceil, round and trunc; core converts to float32 before any other
    }
  })();
  return dtype === "bool" ? `(${result} != 0)` : dtype === "uint8" ? `(${result} & 255)` : result;
}

const integerPower = `fn int_pow(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) {
    if (base == 1) { return 1; }
    if (base == -1) { return select(1, -1, (exponent & 1) != 0); }
    return 0;
  }
  var power = 1;
  var square = base;
  var rest = exponent;
  while (rest > 0) {
    if ((rest & 1) != 0) { power *= square; }
    square *= square;
    rest >>= 1u;
  }
  return power;
}`;

function ofBools(name: BinaryName, x: string, y: string): string | null {
  switch (name) {
    case "add":
    case "maximum":
      return `(${x} || ${y})`;
    case "mul":
    case "minimum":
      return `(${x} && ${y})`;
    case "eq":
      return `(${x} == ${y})`;
    case "ne":
      return `(${x} != ${y})`;
    case "lt":
      return `(!${x} && ${y})`;
    case "le":
      return `(!${x} || ${y})`;
    default:
      return null;
  }
}

const operators: Partial<Record<BinaryName, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
};

function ofInts(writer: Writer, name: BinaryName, x: string, y: string): string {
  const operator = operators[name];
  if (operator !== undefined) return `(${x} ${operator} ${y})`;
  if (name === "maximum" || name === "minimum") return `${name === "maximum" ? "max" : "min"}(${x}, ${y})`;
  if (name === "pow") return `${writer.use("int_pow", integerPower)}(${x}, ${y})`;
  if (name === "floorDivide" || name === "remainder" || name === "fmod")
    return divideInts(writer, name, writer.let(x), writer.let(y));
  throw new Error(`webgpu: ${name} of integers is no expression`);
}

/** What a binary op makes of two values of a dtype. */
export function binary(writer: Writer, name: BinaryName, dtype: DType, x: string, y: string): string {
  if (name === "and") return `(${truth(x, dtype)} && ${truth(y, dtype)})`;
  if (name === "or") return `(${truth(x, dtype)} || ${truth(y, dtype)})`;
  if (name === "xor") return `(${truth(x, dtype)} != ${truth(y, dtype)})`;
  if (isFloat(dtype)) return ofTwoFloats(writer, name, x, y);
  if (dtype === "bool") {
    const result = ofBools(name, x, y);
    if (result !== null) return result;
  }
  const result = ofInts(writer, name, counted(x, dtype), counted(y, dtype));
  const compares = name === "eq" || name === "ne" || name === "lt" || name === "le";
  return isInt(dtype) && dtype === "uint8" && !compares ? `(${result} & 255)` : result;
}

/** What an op gives, but for loads, indices and totals, which the loop knows. `at` writes an affine number. */
export function valueOfOp(
  writer: Writer,
  expression: Expression,
  of: (part: Expression) => string,
  at: (affine: Extract<Expression, { kind: "uniform" }>["at"]) => string,
): string {
  switch (expression.kind) {
    case "unary": {
      const { name, x, dtype } = expression;
      return name === "cast" ? cast(writer, of(x), x.dtype, dtype) : unary(writer, name, dtype, of(x), x.dtype);
    }
    case "binary":
      return binary(writer, expression.name, expression.x.dtype, of(expression.x), of(expression.y));
    case "where": {
      const { condition, x, y } = expression;
      return `select(${of(y)}, ${of(x)}, ${truth(of(condition), condition.dtype)})`;
    }
    case "uniform":
      return `${philox(writer)}(u32(${at(expression.at)}), u32(${of(expression.key)}), u32(${of(expression.counter)}))`;
    case "number":
      return writer.number(expression.value, expression.dtype);
    case "scalar":
      return writer.scalar(expression.node, expression.dtype);
    default:
      throw new Error(`webgpu: ${expression.kind} is not an op`);
  }
}
