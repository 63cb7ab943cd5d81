/**
 * Arithmetic on values held in locals, so that one text serves three flavours of code:
 *
 * - `relaxed`: four float32 lanes in a v128, with relaxed fused multiply-add (which may or may not fuse);
 * - `simd`: the same with multiply, then add;
 * - `scalar`: one float32 in an f32 local, where the host has no SIMD.
 *
 * A generated loop looks like this:
 *
 *     code.hoisting(() => {                       // constants of the loop are set in front of it, once
 *       const lanes = new Lanes(code, flavour, (name) => imported[name]);
 *       code.loop((again) => {
 *         lanes.scope(() => {                     // its locals are used again by the next scope
 *           const x = lanes.load(pointer);        // 4 (or 1) elements: lanes.width
 *           const y = emitUnary(lanes, "exp", lanes.mul(x, lanes.constant(0.5)))!;
 *           lanes.store(pointer, y);
 *         });
 *         …
 *       });
 *     });
 *
 * Each operation writes its instructions and returns a new local; arguments are left as they are. Make one `Lanes` per
 * `hoisting`, as it remembers which constants are set. `Float`, `Int` and `Mask` are local numbers: f32 or v128, i32 or
 * v128; a Mask is -1 (all bits) in a lane where the condition holds, 0 elsewhere. Use `lanes.assign(variable, value)`
 * for accumulators, made by `lanes.variable()`, outside of scopes.
 *
 * `emitUnary(lanes, name, x)` and `emitBinary(lanes, name, x, y)` (vector-functions.ts) write the functions, or return
 * null where there is none. Some call the host in rare lanes (sin, cos, tan of large numbers, remainders of large
 * quotients): `lanes` is made with a function that maps their name to the number of an imported function of f64, and
 * `callsHost(name)` says which.
 */
import type { Double, Float, FloatCode, Int, Mask } from "../../kernel/maths/float-code.js";
import type { Code, Plain } from "../assembler.js";
import { DoubleLanes } from "./double-lanes.js";
import { type LaneFlavour, LaneLocals } from "./lane-locals.js";
import { quarters } from "./quarters.js";
import { rest } from "./rest.js";

export { type Float, floatBits, type Int, type Mask } from "../../kernel/maths/float-code.js";
export type { LaneFlavour } from "./lane-locals.js";

// Adding 1.5 · 2^23 rounds to a whole number, which the low bits of the sum then hold.
const rounding = 12582912;

export class Lanes extends LaneLocals implements FloatCode {
  readonly doubles: DoubleLanes = new DoubleLanes(this);
  private readonly host: (name: string, count: number) => number;

  /** `host` gives the number of an imported function of so many f64. */
  constructor(code: Code, flavour: LaneFlavour, host: (name: string, count: number) => number) {
    super(code, flavour);
    this.host = host;
  }

  private put(vector: Plain, scalar: Plain, ...operands: readonly number[]): void {
    for (const operand of operands) this.code.get(operand);
    this.code.op(this.vector ? vector : scalar);
  }

  private floatOp(name: "add" | "sub" | "mul" | "div" | "min" | "max" | UnaryInstruction, ...of: Float[]): Float {
    this.put(`f32x4.${name}`, `f32.${name}`, ...of);
    return this.float();
  }

  add(x: Float, y: Float): Float {
    return this.floatOp("add", x, y);
  }

  sub(x: Float, y: Float): Float {
    return this.floatOp("sub", x, y);
  }

  mul(x: Float, y: Float): Float {
    return this.floatOp("mul", x, y);
  }

  div(x: Float, y: Float): Float {
    return this.floatOp("div", x, y);
  }

  /** The lesser; NaN if either is. Slower than `clampAbove`. */
  min(x: Float, y: Float): Float {
    return this.floatOp("min", x, y);
  }

  /** The greater; NaN if either is. Slower than `clampBelow`. */
  max(x: Float, y: Float): Float {
    return this.floatOp("max", x, y);
  }

  abs(x: Float): Float {
    return this.floatOp("abs", x);
  }

  neg(x: Float): Float {
    return this.floatOp("neg", x);
  }

  sqrt(x: Float): Float {
    return this.floatOp("sqrt", x);
  }

  floor(x: Float): Float {
    return this.floatOp("floor", x);
  }

  ceil(x: Float): Float {
    return this.floatOp("ceil", x);
  }

  trunc(x: Float): Float {
    return this.floatOp("trunc", x);
  }

  /** To the nearest whole number, halves to even. */
  nearest(x: Float): Float {
    return this.floatOp("nearest", x);
  }

  /** x · y + z; fused or not. */
  fma(x: Float, y: Float, z: Float): Float {
    const { code } = this;
    code.get(x).get(y);
    if (this.flavour === "relaxed") code.get(z).op("f32x4.relaxed_madd");
    else if (this.vector) code.op("f32x4.mul").get(z).op("f32x4.add");
    else code.op("f32.mul").get(z).op("f32.add");
    return this.float();
  }

  /** z - x · y; fused or not. */
  fnma(x: Float, y: Float, z: Float): Float {
    const { code } = this;
    if (this.flavour === "relaxed") code.get(x).get(y).get(z).op("f32x4.relaxed_nmadd");
    else if (this.vector) code.get(z).get(x).get(y).op("f32x4.mul").op("f32x4.sub");
    else code.get(z).get(x).get(y).op("f32.mul").op("f32.sub");
    return this.float();
  }

  /** The polynomial with these coefficients, highest power first, by Horner's rule. */
  polynomial(coefficients: readonly number[], x: Float): Float {
    let sum = this.constant(coefficients[0]!);
    for (const c of coefficients.slice(1)) sum = this.fma(sum, x, this.constant(c));
    return sum;
  }

  keep(x: Float): Float {
    return x;
  }

  roundProduct(x: Float, factor: number, bias: number): { n: Float; bits: Int } {
    const shift = this.constant(rounding + bias);
    const shifted = this.fma(x, this.constant(factor), shift);
    return { n: this.sub(shifted, shift), bits: this.asInt(shifted) };
  }

  quarters(x: Float): { r: Double; n: Int } {
    return quarters(this.doubles, x);
  }

  rest(x: Float, y: Float): Float {
    return this.copySign(rest(this.doubles, x, y), x);
  }

  /** x where it is below the bound, else the bound; NaN stays. */
  clampAbove(x: Float, bound: Float): Float {
    if (!this.vector) return this.select(this.less(bound, x), bound, x);
    this.code.get(x).get(bound).op("f32x4.pmin");
    return this.float();
  }

  /** x where it is above the bound, else the bound; NaN stays. */
  clampBelow(x: Float, bound: Float): Float {
    if (!this.vector) return this.select(this.less(x, bound), bound, x);
    this.code.get(x).get(bound).op("f32x4.pmax");
    return this.float();
  }

  private compare(name: "eq" | "ne" | "lt" | "le", type: "f32" | "i32", x: number, y: number): Mask {
    const { code } = this;
    if (!this.vector) code.i32(0);
    code.get(x).get(y);
    if (type === "f32") code.op(this.vector ? `f32x4.${name}` : `f32.${name}`);
    else if (name === "lt") code.op(this.vector ? "i32x4.lt_s" : "i32.lt_s");
    else if (name === "le") code.op(this.vector ? "i32x4.le_s" : "i32.le_s");
    else code.op(this.vector ? `i32x4.${name}` : `i32.${name}`);
    if (!this.vector) code.op("i32.sub");
    return this.int() as number as Mask;
  }

  less(x: Float, y: Float): Mask {
    return this.compare("lt", "f32", x, y);
  }

  lessOrEqual(x: Float, y: Float): Mask {
    return this.compare("le", "f32", x, y);
  }

  equal(x: Float, y: Float): Mask {
    return this.compare("eq", "f32", x, y);
  }

  /** True for NaN as well. */
  notEqual(x: Float, y: Float): Mask {
    return this.compare("ne", "f32", x, y);
  }

  intLess(x: Int, y: Int): Mask {
    return this.compare("lt", "i32", x, y);
  }

  intEqual(x: Int, y: Int): Mask {
    return this.compare("eq", "i32", x, y);
  }

  private choose(mask: Mask, yes: number, no: number): void {
    this.code.get(yes).get(no).get(mask);
    if (!this.vector) this.code.op("select");
    else this.code.op(this.flavour === "relaxed" ? "i32x4.relaxed_laneselect" : "v128.bitselect");
  }

  /** `yes` in the mask's lanes, `no` in the others. */
  select(mask: Mask, yes: Float, no: Float): Float {
    this.choose(mask, yes, no);
    return this.float();
  }

  intSelect(mask: Mask, yes: Int, no: Int): Int {
    this.choose(mask, yes, no);
    return this.int();
  }

  /** The value in the mask's lanes, 0 in the others. */
  only(mask: Mask, value: Float): Float {
    return this.asFloat(this.and(mask as number as Int, this.asInt(value)));
  }

  and<Value extends Int | Mask>(x: Value, y: Value): Value {
    return this.intOp("v128.and", "i32.and", x, y) as number as Value;
  }

  or<Value extends Int | Mask>(x: Value, y: Value): Value {
    return this.intOp("v128.or", "i32.or", x, y) as number as Value;
  }

  xor<Value extends Int | Mask>(x: Value, y: Value): Value {
    return this.intOp("v128.xor", "i32.xor", x, y) as number as Value;
  }

  not(x: Mask): Mask {
    return this.xor(x, this.integer(-1) as number as Mask);
  }

  intAdd(x: Int, y: Int): Int {
    return this.intOp("i32x4.add", "i32.add", x, y);
  }

  intSub(x: Int, y: Int): Int {
    return this.intOp("i32x4.sub", "i32.sub", x, y);
  }

  private intOp(vector: Plain, scalar: Plain, x: number, y: number): Int {
    this.put(vector, scalar, x, y);
    return this.int();
  }

  shiftLeft(x: Int, by: number): Int {
    this.code.get(x).i32(by);
    this.code.op(this.vector ? "i32x4.shl" : "i32.shl");
    return this.int();
  }

  /** Keeps the sign. */
  shiftRight(x: Int, by: number): Int {
    this.code.get(x).i32(by);
    this.code.op(this.vector ? "i32x4.shr_s" : "i32.shr_s");
    return this.int();
  }

  /** The bits of float32 lanes; free in vectors. */
  asInt(x: Float): Int {
    if (this.vector) return x as number as Int;
    this.code.get(x).op("i32.reinterpret_f32");
    return this.int();
  }

  asFloat(x: Int): Float {
    if (this.vector) return x as number as Float;
    this.code.get(x).op("f32.reinterpret_i32");
    return this.float();
  }

  /** Towards zero; beyond int32 its ends, and 0 for NaN. */
  toInt(x: Float): Int {
    this.put("i32x4.trunc_sat_f32x4_s", "i32.trunc_sat_f32_s", x);
    return this.int();
  }

  toFloat(x: Int): Float {
    this.put("f32x4.convert_i32x4_s", "f32.convert_i32_s", x);
    return this.float();
  }

  isNegative(x: Float): Mask {
    return this.shiftRight(this.asInt(x), 31) as number as Mask;
  }

  isOdd(x: Int): Mask {
    return this.shiftRight(this.shiftLeft(x, 31), 31) as number as Mask;
  }

  negateWhere(mask: Mask, value: Float): Float {
    const sign = this.and(mask as number as Int, this.integer(0x80000000));
    return this.asFloat(this.xor(this.asInt(value), sign));
  }

  /** The size of x with the sign of y. */
  copySign(x: Float, y: Float): Float {
    if (!this.vector) {
      this.code.get(x).get(y).op("f32.copysign");
      return this.float();
    }
    this.code.get(y).get(x).get(this.integer(0x80000000)).op("v128.bitselect");
    return this.float();
  }

  /** Writes `then`, which runs when the mask holds in any lane. */
  ifAny(mask: Mask, then: () => void): void {
    this.code.get(mask);
    if (this.vector) this.code.op("v128.any_true");
    this.code.if(then);
  }

  /** `value`, but in the mask's lanes what a function of the host makes of others: for lanes that hardly ever occur. */
  rare(mask: Mask, name: string, value: Float, ...of: readonly Float[]): Float {
    const { code } = this;
    code.get(value);
    const result = this.float();
    this.ifAny(mask, () => {
      for (let lane = 0; lane < this.width; lane++) {
        code.get(mask);
        if (this.vector) code.lane("i32x4.extract_lane", lane);
        code.if(() => {
          if (this.vector) code.get(result);
          for (const x of of) {
            code.get(x);
            if (this.vector) code.lane("f32x4.extract_lane", lane);
            code.op("f64.promote_f32");
          }
          code.call(this.host(name, of.length)).op("f32.demote_f64");
          if (this.vector) code.lane("f32x4.replace_lane", lane);
          code.set(result);
        });
      }
    });
    return result;
  }
}

type UnaryInstruction = "abs" | "neg" | "sqrt" | "floor" | "ceil" | "trunc" | "nearest";
