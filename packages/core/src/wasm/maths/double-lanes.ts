import type { Double, DoubleCode, Float, Int } from "../../kernel/maths/float-code.js";
import type { LaneLocals } from "./lane-locals.js";

const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const highHalf = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/**
 * Arithmetic in double precision on as many values as there are float32 or int32 lanes, for steps that need more digits
 * than they have. A value is two locals of two lanes each, or one f64 local in scalar code.
 */
export class DoubleLanes implements DoubleCode {
  private readonly lanes: LaneLocals;

  constructor(lanes: LaneLocals) {
    this.lanes = lanes;
  }

  /** Runs `write` on each part of the operands; it leaves a value on the stack. */
  private each(operands: readonly Double[], write: () => void): Double {
    const { lanes } = this;
    return operands[0]!.map((_, part) => {
      for (const operand of operands) lanes.code.get(operand[part]!);
      write();
      return lanes.double();
    });
  }

  constant(value: number): Double {
    const { code, vector } = this.lanes;
    const local = this.lanes.hoisted(`d${Object.is(value, -0) ? "-0" : String(value)}`, "f64", () => {
      if (vector) code.v128("f64x2", value);
      else code.f64(value);
    });
    return vector ? [local, local] : [local];
  }

  from(x: Float): Double {
    const { lanes } = this;
    const { code } = lanes;
    code.get(x);
    if (!lanes.vector) {
      code.op("f64.promote_f32");
      return [lanes.double()];
    }
    code.op("f64x2.promote_low_f32x4");
    const low = lanes.double();
    code
      .get(x)
      .get(x)
      .shuffle(...highHalf)
      .op("f64x2.promote_low_f32x4");
    return [low, lanes.double()];
  }

  fromInt(x: Int): Double {
    const { lanes } = this;
    const { code } = lanes;
    code.get(x);
    if (!lanes.vector) {
      code.op("f64.convert_i32_s");
      return [lanes.double()];
    }
    code.op("f64x2.convert_low_i32x4_s");
    const low = lanes.double();
    code
      .get(x)
      .get(x)
      .shuffle(...highHalf)
      .op("f64x2.convert_low_i32x4_s");
    return [low, lanes.double()];
  }

  toFloat(x: Double): Float {
    const { lanes } = this;
    const { code } = lanes;
    if (!lanes.vector) code.get(x[0]!).op("f32.demote_f64");
    else {
      for (const part of x) code.get(part).op("f32x4.demote_f64x2_zero");
      code.shuffle(...lowHalves);
    }
    return lanes.float();
  }

  /** Whole numbers modulo 2^32. */
  toInt(x: Double): Int {
    return this.lowBits(this.add(x, this.constant(1.5 * 2 ** 52)));
  }

  /** The low 32 bits of each double: a whole number n, if the double is 1.5 · 2^52 + n. */
  lowBits(x: Double): Int {
    const { lanes } = this;
    const { code } = lanes;
    for (const part of x) code.get(part);
    if (lanes.vector) code.shuffle(...lowWords);
    else code.op("i64.reinterpret_f64").op("i32.wrap_i64");
    return lanes.int();
  }

  round(x: Double, bias: number): { n: Double; bits: Int } {
    const shift = this.constant(1.5 * 2 ** 52 + bias);
    const shifted = this.add(x, shift);
    return { n: this.sub(shifted, shift), bits: this.lowBits(shifted) };
  }

  private op(
    name: "add" | "sub" | "mul" | "div" | "sqrt" | "abs" | "trunc" | "floor",
    ...operands: readonly Double[]
  ): Double {
    const { lanes } = this;
    return this.each(operands, () => lanes.code.op(lanes.vector ? `f64x2.${name}` : `f64.${name}`));
  }

  add(x: Double, y: Double): Double {
    return this.op("add", x, y);
  }

  sub(x: Double, y: Double): Double {
    return this.op("sub", x, y);
  }

  mul(x: Double, y: Double): Double {
    return this.op("mul", x, y);
  }

  div(x: Double, y: Double): Double {
    return this.op("div", x, y);
  }

  trunc(x: Double): Double {
    return this.op("trunc", x);
  }

  floor(x: Double): Double {
    return this.op("floor", x);
  }

  /** x · y + z; fused or not. */
  fma(x: Double, y: Double, z: Double): Double {
    const { code, flavour } = this.lanes;
    if (flavour === "relaxed") return this.each([x, y, z], () => code.op("f64x2.relaxed_madd"));
    // Addition commutes: z may come first.
    return this.lanes.vector
      ? this.each([z, x, y], () => code.op("f64x2.mul").op("f64x2.add"))
      : this.each([z, x, y], () => code.op("f64.mul").op("f64.add"));
  }

  /** The polynomial with these coefficients, highest power first, by Horner's rule. */
  polynomial(coefficients: readonly number[], x: Double): Double {
    let sum = this.constant(coefficients[0]!);
    for (const c of coefficients.slice(1)) sum = this.fma(sum, x, this.constant(c));
    return sum;
  }

  /** x where it is between the bounds, else the nearer bound; NaN stays. */
  clamp(x: Double, low: number, high: number): Double {
    const { code, vector } = this.lanes;
    const [bottom, top] = [this.constant(low), this.constant(high)];
    if (!vector) {
      const above = this.each([bottom, x, x, bottom], () => code.op("f64.lt").op("select"));
      return this.each([top, above, top, above], () => code.op("f64.lt").op("select"));
    }
    const above = this.each([x, bottom], () => code.op("f64x2.pmax"));
    return this.each([above, top], () => code.op("f64x2.pmin"));
  }
}
