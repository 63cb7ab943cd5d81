import { type DType, isFloat } from "../../dtype.js";
import type { Reduction } from "../../kernel/expression.js";
import type { BinaryName } from "../../program/vocabulary.js";
import type { Values } from "./values.js";

/** How the terms of a reduction are combined. */
const combining: Record<Reduction["name"], BinaryName> = {
  sum: "add",
  prod: "mul",
  max: "maximum",
  min: "minimum",
  argmax: "maximum",
  argmin: "minimum",
};

/** Whether a reduction gives the number of a turn. */
export const isArg = ({ name }: Reduction): boolean => name === "argmax" || name === "argmin";

/** What no terms give. */
function neutral(name: Reduction["name"], dtype: DType): number {
  if (name === "sum") return 0;
  if (name === "prod") return 1;
  const least = isFloat(dtype) ? -Infinity : dtype === "int32" ? -2147483648 : 0;
  const most = isFloat(dtype) ? Infinity : dtype === "int32" ? 2147483647 : dtype === "uint8" ? 255 : 1;
  return name === "max" || name === "argmax" ? least : most;
}

/** Running results of one reduction in one kind of lanes. float32 may be accumulated in float64, two lanes in each half. */
export class Accumulator {
  private readonly values: Values;
  private readonly reduction: Reduction;
  private readonly double: boolean;
  /** One local per copy, or two where vectors of float32 are accumulated in float64. */
  private readonly locals: readonly (readonly number[])[];
  /** Of argmax and argmin: the best term so far, per copy. */
  private readonly best: readonly number[];
  /**
   * Of max and min in vectors of floats: the lanes that have met NaN, per copy. The instruction that looks for NaN by
   * itself takes ten of the processor's, and each waits for the one before.
   */
  private readonly nans: readonly number[];

  constructor(values: Values, reduction: Reduction, copies: number, double: boolean) {
    this.values = values;
    this.reduction = reduction;
    this.double = double && reduction.dtype !== "float64";
    const { code, width } = values;
    this.best = isArg(reduction)
      ? Array.from({ length: copies }, () => code.local(values.localType(reduction.of.dtype)))
      : [];
    const isExtreme = reduction.name === "max" || reduction.name === "min";
    this.nans =
      isExtreme && isFloat(reduction.dtype) && width > 1
        ? Array.from({ length: copies }, () => code.local("v128"))
        : [];
    const type = this.double ? (width === 1 ? "f64" : "v128") : values.localType(reduction.dtype);
    const halves = this.double && width === 4 ? 2 : 1;
    this.locals = Array.from({ length: copies }, () => Array.from({ length: halves }, () => code.local(type)));
  }

  /** Writes the neutral element into each local. */
  start(): void {
    const { code, width } = this.values;
    const { name, dtype, of } = this.reduction;
    for (const best of this.best) code.get(this.values.number(of.dtype, neutral(name, of.dtype))).set(best);
    for (const nan of this.nans) code.v128("i32x4", 0).set(nan);
    const value = isArg(this.reduction) ? 0 : neutral(name, dtype);
    for (const local of this.locals.flat()) {
      if (this.double) {
        if (width === 1) code.f64(value);
        else code.v128("f64x2", value);
      } else code.get(this.values.number(dtype, value));
      code.set(local);
    }
  }

  /** Takes a term into one copy. */
  take(copy: number, term: number): void {
    const { values } = this;
    const { code, width } = values;
    const locals = this.locals[copy]!;
    const { name, dtype } = this.reduction;
    const nan = this.nans[copy];
    if (nan !== undefined) {
      const type = dtype === "float32" ? "f32x4" : "f64x2";
      code
        .get(locals[0]!)
        .get(term)
        .op(`${type}.${name === "max" ? "pmax" : "pmin"}`)
        .set(locals[0]!);
      code.get(nan).get(term).get(term).op(`${type}.ne`).op("v128.or").set(nan);
      return;
    }
    if (!this.double) {
      code.get(values.binary(combining[name], dtype, locals[0]!, term)).set(locals[0]!);
      return;
    }
    const op = name === "sum" ? "add" : "mul";
    if (width === 1) {
      code.get(locals[0]!).get(term).op("f64.promote_f32").op(`f64.${op}`).set(locals[0]!);
      return;
    }
    code.get(locals[0]!).get(term).op("f64x2.promote_low_f32x4").op(`f64x2.${op}`).set(locals[0]!);
    code.get(locals[1]!).get(term).get(term).shuffle(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    code.op("f64x2.promote_low_f32x4").op(`f64x2.${op}`).set(locals[1]!);
  }

  /** Takes the turn numbered `turn` if its term beats the best, or is the first NaN. */
  takeTurn(copy: number, term: number, turn: number): void {
    const { values } = this;
    const { code } = values;
    const { name, of } = this.reduction;
    const best = this.best[copy]!;
    const index = this.locals[copy]![0]!;
    let beats =
      name === "argmax" ? values.binary("lt", of.dtype, best, term) : values.binary("lt", of.dtype, term, best);
    if (isFloat(of.dtype)) {
      const first = values.binary("and", "bool", values.isNaN(of.dtype, term), values.isNumber(of.dtype, best));
      beats = values.binary("or", "bool", beats, first);
    }
    code.get(values.select(of.dtype, beats, term, best)).set(best);
    code.get(values.select("int32", beats, turn, index)).set(index);
  }

  /** Makes NaN of the lanes that have met one: all bits set are one. */
  private settleNaN(copy: number): void {
    const nan = this.nans[copy];
    const [local] = this.locals[copy]!;
    if (nan !== undefined) this.values.code.get(local!).get(nan).op("v128.or").set(local!);
  }

  /** The result of one copy, in lanes of the reduction's dtype. */
  result(copy: number): number {
    const { values, double } = this;
    const { code, width } = values;
    const locals = this.locals[copy]!;
    this.settleNaN(copy);
    if (!double) return locals[0]!;
    if (width === 1) code.get(locals[0]!).op("f32.demote_f64");
    else {
      code.get(locals[0]!).op("f32x4.demote_f64x2_zero");
      code.get(locals[1]!).op("f32x4.demote_f64x2_zero");
      code.shuffle(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    }
    return values.take("float32");
  }

  /** Takes all lanes of all copies of a vector accumulator into a scalar one. */
  collapseInto(scalar: Accumulator): void {
    const { values, reduction, double } = this;
    const { code, width } = values;
    const { name, dtype } = reduction;
    const op = name === "sum" ? "add" : "mul";
    for (const copy of this.nans.keys()) this.settleNaN(copy);
    // Copies first, then lanes.
    const [first, ...rest] = this.locals;
    for (const other of rest) {
      other.forEach((local, half) => {
        if (double) code.get(first![half]!).get(local).op(`f64x2.${op}`).set(first![half]!);
        else code.get(values.binary(combining[name], dtype, first![half]!, local)).set(first![half]!);
      });
    }
    const target = scalar.locals[0]![0]!;
    if (double) {
      code.get(first![0]!).get(first![1]!).op(`f64x2.${op}`);
      const sum = values.take("float64");
      for (const lane of [0, 1]) code.get(target).get(sum).lane("f64x2.extract_lane", lane).op(`f64.${op}`).set(target);
      return;
    }
    for (let lane = 0; lane < width; lane++) {
      code.get(first![0]!);
      if (width === 2) code.lane("f64x2.extract_lane", lane);
      else code.lane(dtype === "float32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
      const one = scalar.values.take(dtype);
      code.get(scalar.values.binary(combining[name], dtype, target, one)).set(target);
    }
  }
}
