/** The number of a value in generated code: float32 numbers. */
export type Float = number & { readonly holds: "float32" };
/** int32 numbers. */
export type Int = number & { readonly holds: "int32" };
/** Truth values. */
export type Mask = number & { readonly holds: "mask" };
/** The numbers of values that hold float32 numbers with twice the digits together. */
export type Double = readonly number[];

/**
 * What the float32 functions are written with, so that each formula stands once for all code generators: every operation
 * writes its instructions and gives the number of a new value. Additions and multiplications round once, as IEEE 754 has
 * it, but a sum of products may be fused, and compilers of other generators may regroup sums: see `keep`.
 */
export interface FloatCode {
  readonly doubles: DoubleCode;
  constant(value: number): Float;
  integer(value: number): Int;
  add(x: Float, y: Float): Float;
  sub(x: Float, y: Float): Float;
  mul(x: Float, y: Float): Float;
  div(x: Float, y: Float): Float;
  /** x · y + z; fused or not. */
  fma(x: Float, y: Float, z: Float): Float;
  /** z - x · y; fused or not. */
  fnma(x: Float, y: Float, z: Float): Float;
  /** The polynomial with these coefficients, highest power first, by Horner's rule. */
  polynomial(coefficients: readonly number[], x: Float): Float;
  /** x, whose rounding error counts: nothing may be regrouped across it. */
  keep(x: Float): Float;
  abs(x: Float): Float;
  neg(x: Float): Float;
  sqrt(x: Float): Float;
  floor(x: Float): Float;
  ceil(x: Float): Float;
  trunc(x: Float): Float;
  /** To the nearest whole number, halves to even. */
  nearest(x: Float): Float;
  /** The lesser; NaN if either is. */
  min(x: Float, y: Float): Float;
  /** The greater; NaN if either is. */
  max(x: Float, y: Float): Float;
  /** x where it is below the bound, else the bound. */
  clampAbove(x: Float, bound: Float): Float;
  /** x where it is above the bound, else the bound. */
  clampBelow(x: Float, bound: Float): Float;
  less(x: Float, y: Float): Mask;
  lessOrEqual(x: Float, y: Float): Mask;
  equal(x: Float, y: Float): Mask;
  notEqual(x: Float, y: Float): Mask;
  /** Whether the sign bit is set: of -0 too. */
  isNegative(x: Float): Mask;
  /** Whether the lowest bit is set. */
  isOdd(x: Int): Mask;
  /** `yes` where the mask holds, else `no`. */
  select(mask: Mask, yes: Float, no: Float): Float;
  /** The value where the mask holds, else 0. */
  only(mask: Mask, value: Float): Float;
  /** -value where the mask holds. */
  negateWhere(mask: Mask, value: Float): Float;
  and<Value extends Int | Mask>(x: Value, y: Value): Value;
  or(x: Mask, y: Mask): Mask;
  xor(x: Mask, y: Mask): Mask;
  not(x: Mask): Mask;
  intAdd(x: Int, y: Int): Int;
  intSub(x: Int, y: Int): Int;
  shiftLeft(x: Int, by: number): Int;
  /** Keeps the sign. */
  shiftRight(x: Int, by: number): Int;
  /** The bits. */
  asInt(x: Float): Int;
  asFloat(x: Int): Float;
  toFloat(x: Int): Float;
  /** The size of x with the sign of y. */
  copySign(x: Float, y: Float): Float;
  /** x · factor rounded to a whole number n, |n| < 2^21; `bits` end in the 9 bits of n + bias. */
  roundProduct(x: Float, factor: number, bias: number): { readonly n: Float; readonly bits: Int };
  /** x = n π / 2 + r for x ≥ 0. */
  quarters(x: Float): { readonly r: Double; readonly n: Int };
  /** What the division x / y leaves, with the sign of x, as C's fmod has it. */
  rest(x: Float, y: Float): Float;
}

/** For steps that need more digits than float32 has: at least 44 bits. */
export interface DoubleCode {
  constant(value: number): Double;
  from(x: Float): Double;
  toFloat(x: Double): Float;
  add(x: Double, y: Double): Double;
  sub(x: Double, y: Double): Double;
  mul(x: Double, y: Double): Double;
  div(x: Double, y: Double): Double;
  /** x · y + z; fused or not. */
  fma(x: Double, y: Double, z: Double): Double;
  /** Highest power first. */
  polynomial(coefficients: readonly number[], x: Double): Double;
  /** x where it is between the bounds, else the nearer bound. */
  clamp(x: Double, low: number, high: number): Double;
  /** x rounded to a whole number n; `bits` end in the 9 bits of n + bias. */
  round(x: Double, bias: number): { readonly n: Double; readonly bits: Int };
}

const bitsOf = new DataView(new ArrayBuffer(4));

/** The bits of a float32, as an int32. */
export function floatBits(value: number): number {
  bitsOf.setFloat32(0, value);
  return bitsOf.getInt32(0);
}
