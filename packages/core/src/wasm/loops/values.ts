import { type DType, isFloat } from "../../dtype.js";
import type { Expression } from "../../kernel/expression.js";
import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import type { Code } from "../assembler.js";
import { type Float, type Int, type LaneFlavour, Lanes, type Mask } from "../maths/arithmetic.js";
import { doubleFunctions } from "../maths/double-functions.js";
import { emitBinary, emitUnary } from "../maths/vector-functions.js";
import { Doubles } from "./doubles.js";
import { divideInts } from "./integer-division.js";

/** Finds an imported function by the name that host-functions.ts gives it. */
export type HostCall = (name: string) => number;

/**
 * Writes the ops of the vocabulary for values in locals: in vectors of four float32, int32, uint8 (as int32) or bool (as
 * masks), in pairs of float64, or one at a time.
 */
export class Values {
  readonly code: Code;
  readonly lanes: Lanes;
  readonly doubles: Doubles;
  readonly width: 4 | 2 | 1;
  private readonly host: HostCall;
  /**
   * Where single float32 values go through the functions: into one lane of a vector, so that a value has the same bits
   * wherever it stands in a loop. Without SIMD, the scalar lanes.
   */
  private readonly functions: Lanes;

  constructor(code: Code, width: 4 | 2 | 1, flavour: LaneFlavour, host: HostCall) {
    this.code = code;
    this.width = width;
    this.host = host;
    const inHost = (name: string, count: number): number =>
      host(count === 1 ? `unary ${name}` : `binary ${name} float32`);
    this.lanes = new Lanes(code, width === 4 ? flavour : "scalar", inHost);
    this.functions = width === 1 && flavour !== "scalar" ? new Lanes(code, flavour, inHost) : this.lanes;
    this.doubles = new Doubles(code, width === 2);
  }

  /** The type of a local that holds lanes of a dtype. */
  localType(dtype: DType): "v128" | "f32" | "f64" | "i32" {
    if (this.width > 1) return "v128";
    return dtype === "float32" ? "f32" : dtype === "float64" ? "f64" : "i32";
  }

  /** Puts the lanes on the stack in a new local. */
  take(dtype: DType): number {
    const local = this.code.local(this.localType(dtype));
    this.code.set(local);
    return local;
  }

  /** Every lane the one value in a scalar local of `dtype`. */
  splat(dtype: DType, local: number): number {
    if (this.width === 1) return local;
    this.code.get(local);
    if (dtype === "float32") this.code.op("f32x4.splat");
    else if (dtype === "float64") this.code.op("f64x2.splat");
    else if (this.width === 4) this.code.op("i32x4.splat");
    else this.code.op("i64.extend_i32_s").op("i64x2.splat"); // a mask beside doubles
    return this.take(dtype);
  }

  /** A number in every lane. */
  number(dtype: DType, value: number): number {
    if (dtype === "float64") return this.doubles.constant(value);
    if (dtype === "float32") return this.lanes.constant(value);
    return this.lanes.integer(dtype === "bool" ? -value : value);
  }

  /** What an op gives, but for loads and totals, which the loop knows. */
  emit(expression: Expression, of: (part: Expression) => number): number {
    switch (expression.kind) {
      case "unary": {
        const { name, x, dtype } = expression;
        return name === "cast" ? this.cast(of(x), x.dtype, dtype) : this.unary(name, dtype, of(x), x.dtype);
      }
      case "binary":
        return this.binary(expression.name, expression.x.dtype, of(expression.x), of(expression.y));
      case "where": {
        const { condition, x, y, dtype } = expression;
        return this.select(dtype, this.mask(of(condition), condition.dtype), of(x), of(y));
      }
      default:
        throw new Error(`cpu: ${expression.kind} is not an op`);
    }
  }

  select(dtype: DType, mask: number, yes: number, no: number): number {
    if (dtype === "float64") return this.doubles.select(mask, yes, no);
    if (dtype === "float32") return this.lanes.select(mask as Mask, yes as Float, no as Float);
    return this.lanes.intSelect(mask as Mask, yes as Int, no as Int);
  }

  isNaN(dtype: DType, x: number): number {
    return this.binary("ne", dtype, x, x);
  }

  isNumber(dtype: DType, x: number): number {
    return this.binary("eq", dtype, x, x);
  }

  /** Where a value is not 0. */
  mask(x: number, dtype: DType): number {
    if (dtype === "bool") return x;
    if (dtype === "float64") return this.doubles.compare("ne", x, this.doubles.constant(0));
    if (dtype === "float32") return this.lanes.notEqual(x as Float, this.lanes.constant(0));
    return this.lanes.not(this.lanes.intEqual(x as Int, this.lanes.integer(0)));
  }

  /** Bools as 0 and 1. */
  private counted(x: number, dtype: DType): Int {
    return dtype === "bool" ? this.lanes.and(x as Int, this.lanes.integer(1)) : (x as Int);
  }

  private cast(x: number, from: DType, to: DType): number {
    const { lanes, code } = this;
    if (from === to) return x;
    if (to === "bool") return this.mask(x, from);
    if (to === "float32") {
      if (from === "bool") return lanes.only(x as Mask, lanes.constant(1));
      if (from !== "float64") return lanes.toFloat(x as Int);
      code.get(x).op("f32.demote_f64");
      return this.take(to);
    }
    if (to === "float64") {
      if (this.width === 2) {
        code.get(x).v128("f64x2", 1).op("v128.and"); // bits of 1 under a mask
        return this.take(to);
      }
      if (from === "float32") code.get(x).op("f64.promote_f32");
      else code.get(this.counted(x, from)).op("f64.convert_i32_s");
      return this.take(to);
    }
    if (!isFloat(from)) return to === "uint8" && from === "int32" ? this.wrapped(x) : this.counted(x, from);
    if (to === "uint8") {
      // Modulo 256 also where int32 ends: JavaScript's own conversion.
      return this.perLane(this.host(`cast ${from} uint8`), "uint8", [x], from, true);
    }
    if (from === "float32") return lanes.toInt(x as Float);
    code.get(x).op("i32.trunc_sat_f64_s");
    return this.take(to);
  }

  /** uint8 modulo 256. */
  private wrapped(x: number): number {
    return this.lanes.and(x as Int, this.lanes.integer(255));
  }

  private unary(name: Exclude<UnaryName, "cast">, dtype: DType, x: number, from: DType): number {
    if (name === "copy") return x;
    const { lanes, doubles } = this;
    if (name === "logicalNot") return this.not(this.mask(x, from));
    if (dtype === "float32") {
      if (name === "reciprocal") return lanes.div(lanes.constant(1), x as Float);
      if (name === "round") return lanes.nearest(x as Float);
      if (name === "sign") return this.signOf(x as Float);
      return (
        this.function((on, [value]) => emitUnary(on, name, value!), x) ??
        this.perLane(this.host(`unary ${name}`), dtype, [x], dtype, false)
      );
    }
    if (dtype === "float64") {
      switch (name) {
        case "neg":
        case "abs":
        case "sqrt":
        case "floor":
        case "ceil":
        case "trunc":
          return doubles.op(name, x);
        case "round":
          return doubles.op("nearest", x);
        case "reciprocal":
          return doubles.op("div", doubles.constant(1), x);
        case "sign": {
          const [zero, one] = [doubles.constant(0), doubles.constant(1)];
          const positive = doubles.select(doubles.compare("lt", zero, x), one, zero);
          return doubles.select(doubles.compare("lt", x, zero), doubles.constant(-1), positive);
        }
        default: {
          const inHost = (of: number): number => doubles.call(this.host(`unary ${name}`), of);
          return doubleFunctions[name]?.(doubles, x, inHost) ?? inHost(x);
        }
      }
    }
    const zero = lanes.integer(0);
    const value = this.counted(x, dtype);
    const result = ((): number => {
      switch (name) {
        case "neg":
          return lanes.intSub(zero, value);
        case "abs":
          return lanes.intSelect(lanes.intLess(value, zero), lanes.intSub(zero, value), value);
        case "sign": // (0 < x) - (x < 0), of masks that are -1
          return lanes.intSub(lanes.intLess(value, zero) as number as Int, lanes.intLess(zero, value) as number as Int);
        case "floor":
        case "ceil":
        case "round":
        case "trunc":
          return value;
        default:
          return this.perLane(this.host(`unary ${name}`), dtype, [value], "int32", false);
      }
    })();
    return dtype === "bool" ? this.mask(result, "int32") : dtype === "uint8" ? this.wrapped(result) : result;
  }

  /** Writes a function of float32 values, if there is one. */
  private function(write: (on: Lanes, of: readonly Float[]) => Float | null, ...of: readonly number[]): number | null {
    const { functions, lanes, code } = this;
    if (functions === lanes) return write(lanes, of as readonly Float[]);
    const result = write(
      functions,
      of.map((one) => functions.splat(one)),
    );
    if (result === null) return null;
    code.get(result).lane("f32x4.extract_lane", 0);
    return this.take("float32");
  }

  private signOf(x: Float): Float {
    const { lanes } = this;
    const zero = lanes.constant(0);
    const positive = lanes.only(lanes.less(zero, x), lanes.constant(1));
    return lanes.select(lanes.less(x, zero), lanes.constant(-1), positive);
  }

  private not(mask: number): number {
    if (this.width !== 2) return this.lanes.not(mask as Mask);
    this.code.get(mask).op("v128.not");
    return this.take("bool");
  }

  private combine(name: "and" | "or" | "xor", x: number, y: number): number {
    if (this.width === 1) this.code.get(x).get(y).op(`i32.${name}`);
    else this.code.get(x).get(y).op(`v128.${name}`);
    return this.take("bool");
  }

  binary(name: BinaryName, dtype: DType, x: number, y: number): number {
    if (name === "and" || name === "or" || name === "xor")
      return this.combine(name, this.mask(x, dtype), this.mask(y, dtype));
    if (dtype === "float64") return this.ofDoubles(name, x, y);
    if (dtype === "float32") return this.ofFloats(name, x as Float, y as Float);
    if (dtype === "bool") {
      if (name === "add" || name === "maximum") return this.combine("or", x, y);
      if (name === "mul" || name === "minimum") return this.combine("and", x, y);
      if (name === "ne") return this.combine("xor", x, y);
      if (name === "eq") return this.not(this.combine("xor", x, y));
      if (name === "lt") return this.combine("and", this.not(x), y);
      if (name === "le") return this.combine("or", this.not(x), y);
    }
    return this.ofInts(name, dtype, this.counted(x, dtype), this.counted(y, dtype));
  }

  private ofFloats(name: BinaryName, x: Float, y: Float): number {
    const { lanes } = this;
    switch (name) {
      case "add":
      case "sub":
      case "mul":
      case "div":
        return lanes[name](x, y);
      case "maximum":
        return lanes.max(x, y);
      case "minimum":
        return lanes.min(x, y);
      case "eq":
        return lanes.equal(x, y);
      case "ne":
        return lanes.notEqual(x, y);
      case "lt":
        return lanes.less(x, y);
      case "le":
        return lanes.lessOrEqual(x, y);
      default:
        return (
          this.function((on, [first, second]) => emitBinary(on, name, first!, second!), x, y) ??
          this.perLane(this.host(`binary ${name} float32`), "float32", [x, y], "float32", false)
        );
    }
  }

  private ofDoubles(name: BinaryName, x: number, y: number): number {
    const { doubles } = this;
    switch (name) {
      case "add":
      case "sub":
      case "mul":
      case "div":
        return doubles.op(name, x, y);
      case "maximum":
        return doubles.op("max", x, y);
      case "minimum":
        return doubles.op("min", x, y);
      case "eq":
      case "ne":
      case "lt":
      case "le":
        return doubles.compare(name, x, y);
      default:
        return doubles.call(this.host(`binary ${name} float64`), x, y);
    }
  }

  private ofInts(name: BinaryName, dtype: DType, x: Int, y: Int): number {
    const { lanes, code, width } = this;
    const wrap = (result: number): number => (dtype === "uint8" ? this.wrapped(result) : result);
    switch (name) {
      case "add":
        return wrap(lanes.intAdd(x, y));
      case "sub":
        return wrap(lanes.intSub(x, y));
      case "mul":
        code
          .get(x)
          .get(y)
          .op(width === 4 ? "i32x4.mul" : "i32.mul");
        return wrap(this.take("int32"));
      case "maximum":
        return lanes.intSelect(lanes.intLess(x, y), y, x);
      case "minimum":
        return lanes.intSelect(lanes.intLess(x, y), x, y);
      case "eq":
        return lanes.intEqual(x, y);
      case "ne":
        return lanes.not(lanes.intEqual(x, y));
      case "lt":
        return lanes.intLess(x, y);
      case "le":
        return lanes.not(lanes.intLess(y, x));
      case "floorDivide":
      case "remainder":
      case "fmod":
        return wrap(divideInts(lanes, name, x, y, this.host(`binary ${name} ${dtype}`)));
      default:
        return this.perLane(this.host(`binary ${name} ${dtype}`), dtype, [x, y], "int32", true);
    }
  }

  /** What a host function of float64 makes of each lane; `wraps` takes its result modulo the dtype's range. */
  private perLane(func: number, to: DType, of: readonly number[], from: DType, wraps: boolean): number {
    const { code, width } = this;
    if (width === 2) return this.doubles.call(func, ...of);
    const push = (operand: number, lane: number): void => {
      code.get(operand);
      if (width === 4) code.lane(from === "float32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
      if (from === "float32") code.op("f64.promote_f32");
      else if (from !== "float64") code.op("f64.convert_i32_s");
    };
    const finish = (): void => {
      if (to === "float32") code.op("f32.demote_f64");
      // Through int64: whole numbers beyond int32 wrap, as they do when JavaScript stores them.
      else if (to !== "float64" && wraps) code.op("i64.trunc_sat_f64_s").op("i32.wrap_i64");
      else if (to !== "float64") code.op("i32.trunc_sat_f64_s");
      if (to === "uint8") code.i32(255).op("i32.and");
    };
    if (width === 4) code.v128("i32x4", 0);
    for (let lane = 0; lane < (width === 4 ? 4 : 1); lane++) {
      for (const operand of of) push(operand, lane);
      code.call(func);
      finish();
      if (width === 4) code.lane(to === "float32" ? "f32x4.replace_lane" : "i32x4.replace_lane", lane);
    }
    return this.take(to);
  }
}
