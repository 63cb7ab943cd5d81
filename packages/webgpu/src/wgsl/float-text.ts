import type { Double, Float, FloatCode, Int, Mask } from "@downhill/core/compiler";
import { divisionRest } from "./division-rest.js";
import { DoubleFloats } from "./double-floats.js";
import { quarters } from "./quarters.js";
import { division, keeping, squareRoot } from "./rounding.js";
import type { Writer } from "./writer.js";

/**
 * Writes the float32 functions of core as the bodies of WGSL functions. WGSL keeps fewer promises than IEEE 754: quotients
 * and roots are corrected, what must not be regrouped passes through `keep`, and signs, NaN and rounding errors are told
 * from bits.
 */
export class FloatText implements FloatCode {
  readonly writer: Writer;
  readonly doubles: DoubleFloats = new DoubleFloats(this);
  readonly lines: string[] = [];
  private readonly texts: string[] = [];

  constructor(writer: Writer) {
    this.writer = writer;
  }

  /** Numbers a value that is short to write: an argument, a constant. */
  value(text: string): number {
    return this.texts.push(text) - 1;
  }

  /** Computes a value on a line of its own. */
  let(text: string): number {
    const name = `t${this.lines.length}`;
    this.lines.push(`let ${name} = ${text};`);
    return this.value(name);
  }

  /** How a value is written. */
  text(value: number): string {
    return this.texts[value]!;
  }

  private float(text: string): Float {
    return this.let(text) as Float;
  }

  private int(text: string): Int {
    return this.let(text) as Int;
  }

  private mask(text: string): Mask {
    return this.let(text) as Mask;
  }

  private infix(x: number, operator: string, y: number): string {
    return `${this.text(x)} ${operator} ${this.text(y)}`;
  }

  private call(name: string, ...operands: readonly number[]): string {
    return `${name}(${operands.map((operand) => this.text(operand)).join(", ")})`;
  }

  constant(value: number): Float {
    return this.value(this.writer.number(value, "float32")) as Float;
  }

  integer(value: number): Int {
    return this.value(this.writer.number(value | 0, "int32")) as Int;
  }

  add(x: Float, y: Float): Float {
    return this.float(this.infix(x, "+", y));
  }

  sub(x: Float, y: Float): Float {
    return this.float(this.infix(x, "-", y));
  }

  mul(x: Float, y: Float): Float {
    return this.float(this.infix(x, "*", y));
  }

  div(x: Float, y: Float): Float {
    return this.float(this.call(division(this.writer), x, y));
  }

  fma(x: Float, y: Float, z: Float): Float {
    return this.float(this.call("fma", x, y, z));
  }

  fnma(x: Float, y: Float, z: Float): Float {
    return this.float(`fma(-(${this.text(x)}), ${this.text(y)}, ${this.text(z)})`);
  }

  polynomial(coefficients: readonly number[], x: Float): Float {
    const [first, ...others] = coefficients.map((c) => this.constant(c));
    return others.reduce((sum, c) => this.fma(sum, x, c), first!);
  }

  keep(x: Float): Float {
    return this.float(this.call(keeping(this.writer), x));
  }

  abs(x: Float): Float {
    return this.float(this.call("abs", x));
  }

  neg(x: Float): Float {
    return this.float(`-(${this.text(x)})`);
  }

  sqrt(x: Float): Float {
    return this.float(this.call(squareRoot(this.writer), x));
  }

  floor(x: Float): Float {
    return this.float(this.call("floor", x));
  }

  ceil(x: Float): Float {
    return this.float(this.call("ceil", x));
  }

  trunc(x: Float): Float {
    return this.float(this.call("trunc", x));
  }

  nearest(x: Float): Float {
    return this.float(this.call("round", x));
  }

  min(x: Float, y: Float): Float {
    return this.float(`select(${this.text(y)}, ${this.text(x)}, ${this.inOrder(x, y)})`);
  }

  max(x: Float, y: Float): Float {
    return this.float(`select(${this.text(x)}, ${this.text(y)}, ${this.inOrder(x, y)})`);
  }

  /** Whether x is below y, by their bits: -0 is below 0. */
  private inOrder(x: Float, y: Float): string {
    const place = this.writer.use("place_of", placeOf);
    return `${this.call(place, x)} < ${this.call(place, y)}`;
  }

  clampAbove(x: Float, bound: Float): Float {
    return this.select(this.less(bound, x), bound, x);
  }

  clampBelow(x: Float, bound: Float): Float {
    return this.select(this.less(x, bound), bound, x);
  }

  less(x: Float, y: Float): Mask {
    return this.mask(this.infix(x, "<", y));
  }

  lessOrEqual(x: Float, y: Float): Mask {
    return this.mask(this.infix(x, "<=", y));
  }

  equal(x: Float, y: Float): Mask {
    return this.mask(this.infix(x, "==", y));
  }

  notEqual(x: Float, y: Float): Mask {
    return this.mask(`!(${this.infix(x, "==", y)})`);
  }

  isNegative(x: Float): Mask {
    return this.mask(`${this.call("bitcast<i32>", x)} < 0`);
  }

  isOdd(x: Int): Mask {
    return this.mask(`(${this.text(x)} & 1) != 0`);
  }

  select(mask: Mask, yes: Float, no: Float): Float {
    return this.float(this.call("select", no, yes, mask));
  }

  only(mask: Mask, value: Float): Float {
    return this.select(mask, value, this.constant(0));
  }

  negateWhere(mask: Mask, value: Float): Float {
    return this.select(mask, this.neg(value), value);
  }

  and<Value extends Int | Mask>(x: Value, y: Value): Value {
    return this.let(this.infix(x, "&", y)) as Value; // && would branch
  }

  or(x: Mask, y: Mask): Mask {
    return this.mask(this.infix(x, "|", y));
  }

  xor(x: Mask, y: Mask): Mask {
    return this.mask(this.infix(x, "!=", y));
  }

  not(x: Mask): Mask {
    return this.mask(`!${this.text(x)}`);
  }

  intAdd(x: Int, y: Int): Int {
    return this.int(this.infix(x, "+", y));
  }

  intSub(x: Int, y: Int): Int {
    return this.int(this.infix(x, "-", y));
  }

  shiftLeft(x: Int, by: number): Int {
    return this.int(`${this.text(x)} << ${by}u`);
  }

  shiftRight(x: Int, by: number): Int {
    return this.int(`${this.text(x)} >> ${by}u`);
  }

  asInt(x: Float): Int {
    return this.int(this.call("bitcast<i32>", x));
  }

  asFloat(x: Int): Float {
    return this.float(this.call("bitcast<f32>", x));
  }

  toFloat(x: Int): Float {
    return this.float(this.call("f32", x));
  }

  copySign(x: Float, y: Float): Float {
    return this.float(this.call(this.writer.use("copy_sign", copySign), x, y));
  }

  roundProduct(x: Float, factor: number, bias: number): { n: Float; bits: Int } {
    const n = this.nearest(this.mul(x, this.constant(factor)));
    return { n, bits: this.int(`i32(${this.text(n)}) + ${bias}`) };
  }

  quarters(x: Float): { r: Double; n: Int } {
    const turned = this.text(this.let(this.call(quarters(this.writer), x)));
    return { r: [this.value(`${turned}.r`)], n: this.value(`${turned}.n`) as Int };
  }

  rest(x: Float, y: Float): Float {
    return this.float(this.call(divisionRest(this.writer), x, y));
  }
}

const placeOf = `fn place_of(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}`;

const copySign = `fn copy_sign(x: f32, y: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(y) & 0x80000000u));
}`;
