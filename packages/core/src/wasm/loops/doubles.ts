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
