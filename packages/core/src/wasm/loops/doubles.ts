import type { Code } from "../assembler.js";

type Arithmetic =
  "add" | "sub" | "mul" | "div" | "min" | "max" | "abs" | "neg" | "sqrt" | "floor" | "ceil" | "trunc" | "nearest";

/** Arithmetic on float64 in locals: two lanes in a v128, or one f64. Masks are -1 or 0, in 64 bits or an i32. */
export class Doubles {
  private readonly code: Code;
  readonly vector: boolean;
  private readonly constants = new Map<string, number>();

  constructor(code: Code, vector: boolean) {
    this.code = code;
    this.vector = vector;
  }

  /** Puts what is on the stack in a new local. */
  take(): number {
    const local = this.code.local(this.vector ? "v128" : "f64");
    this.code.set(local);
    return local;
  }

  takeMask(): number {
    const local = this.code.local(this.vector ? "v128" : "i32");
    this.code.set(local);
    return local;
  }

  /** A constant; set once, in front of the loop. */
  constant(value: number): number {
    const key = Object.is(value, -0) ? "-0" : String(value);
    let local = this.constants.get(key);
    if (local === undefined) {
      const made = this.code.local(this.vector ? "v128" : "f64");
      this.code.hoist(() => {
        if (this.vector) this.code.v128("f64x2", value).set(made);
        else this.code.f64(value).set(made);
      });
      this.constants.set(key, (local = made));
    }
    return local;
  }

  op(name: Arithmetic, ...of: readonly number[]): number {
    for (const operand of of) this.code.get(operand);
    this.code.op(this.vector ? `f64x2.${name}` : `f64.${name}`);
    return this.take();
  }

  compare(name: "eq" | "ne" | "lt" | "le", x: number, y: number): number {
    if (!this.vector) this.code.i32(0);
    this.code
      .get(x)
      .get(y)
      .op(this.vector ? `f64x2.${name}` : `f64.${name}`);
    if (!this.vector) this.code.op("i32.sub");
    return this.takeMask();
  }

  select(mask: number, yes: number, no: number): number {
    this.code
      .get(yes)
      .get(no)
      .get(mask)
      .op(this.vector ? "v128.bitselect" : "select");
    return this.take();
  }

  /** Works on the bits of each lane, as whole numbers of 64 bits. */
  bits(name: "add" | "sub" | "and" | "xor", x: number, y: number): number {
    const { code } = this;
    if (this.vector) {
      code.get(x).get(y);
      code.op(name === "add" || name === "sub" ? `i64x2.${name}` : `v128.${name}`);
    } else {
      for (const operand of [x, y]) code.get(operand).op("i64.reinterpret_f64");
      code.op(`i64.${name}`).op("f64.reinterpret_i64");
    }
    return this.take();
  }

  /** Shifts the bits of each lane; `shr_s` keeps the sign. */
  shift(name: "shl" | "shr_s", x: number, by: number): number {
    const { code } = this;
    code.get(x);
    if (this.vector) code.i32(by).op(`i64x2.${name}`);
    else code.op("i64.reinterpret_f64").i32(by).op("i64.extend_i32_s").op(`i64.${name}`).op("f64.reinterpret_i64");
    return this.take();
  }

  /** The lanes whose first bit is set. */
  signMask(x: number): number {
    const { code } = this;
    code.get(x);
    if (this.vector) code.i32(63).op("i64x2.shr_s");
    else code.op("i64.reinterpret_f64").i32(63).op("i64.extend_i32_s").op("i64.shr_s").op("i32.wrap_i64");
    return this.takeMask();
  }

  /** The size of x with the sign of y. */
  copySign(x: number, y: number): number {
    const sign = this.constant(-0);
    if (this.vector) this.code.get(y).get(x).get(sign).op("v128.bitselect");
    else this.code.get(x).get(y).op("f64.copysign");
    return this.take();
  }

  /** x where it is between the bounds, else the nearer bound; NaN stays. */
  clamp(x: number, low: number, high: number): number {
    const [bottom, top] = [this.constant(low), this.constant(high)];
    const above = this.select(this.compare("lt", x, bottom), bottom, x);
    return this.select(this.compare("lt", top, above), top, above);
  }

  /** The polynomial with these coefficients, highest power first, by Horner's rule. */
  polynomial(coefficients: readonly number[], x: number): number {
    let sum = this.constant(coefficients[0]!);
    for (const c of coefficients.slice(1)) sum = this.op("add", this.op("mul", sum, x), this.constant(c));
    return sum;
  }

  /** `value`, but outside of the mask's lanes what `otherwise` writes: for lanes that hardly ever occur. */
  usually(mask: number, value: number, otherwise: () => number): number {
    const { code } = this;
    code.get(value);
    const result = this.take();
    code.get(mask);
    if (this.vector) code.op("v128.not").op("v128.any_true");
    else code.op("i32.eqz");
    code.if(() => {
      const other = otherwise();
      code.get(this.select(mask, result, other)).set(result);
    });
    return result;
  }

  /** What a host function of float64 makes of each lane. */
  call(func: number, ...of: readonly number[]): number {
    const { code } = this;
    if (!this.vector) {
      for (const operand of of) code.get(operand);
      code.call(func);
      return this.take();
    }
    code.v128("f64x2", 0);
    for (const lane of [0, 1]) {
      for (const operand of of) code.get(operand).lane("f64x2.extract_lane", lane);
      code.call(func).lane("f64x2.replace_lane", lane);
    }
    return this.take();
  }
}
