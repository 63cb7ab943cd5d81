import { type DType, hostArray, isFloat, type TypedArray } from "../dtype.js";
import type { ProgramNode } from "../program/program.js";
import type { BinaryName, PrimitiveName, UnaryName } from "../program/vocabulary.js";
import { broadcast, type Shape, sizeOf } from "../shape.js";
import { Draws } from "./draws.js";

/** What is known of a value: no element is larger than `bound`, and two right results differ by at most `error`. */
export interface Known {
  readonly bound: number;
  readonly error: number;
}

/** The most elements of a value. */
export const most: number = 400;
/** What neighbouring numbers are apart at 1: rounding twice in different ways differs by no more. */
export const unit = (dtype: DType): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);

/** Builds a Program one value at a time, keeping track of how errors grow. */
export class ProgramBuilder {
  readonly nodes: ProgramNode[] = [];
  readonly known: Known[] = [];
  readonly data: Map<number, TypedArray> = new Map<number, TypedArray>();
  readonly numbers: Map<number, number> = new Map<number, number>();
  readonly draws: Draws;

  constructor(seed: number) {
    this.draws = new Draws(seed);
  }

  node(place: number): ProgramNode {
    return this.nodes[place]!;
  }

  private push(node: ProgramNode, known: Known): number {
    this.known.push(known);
    return this.nodes.push(node) - 1;
  }

  /** An input with random elements, a few of them special; whole numbers below `limit` where that is given. */
  input(shape: Shape, dtype: DType, limit = 0): number {
    const { draws } = this;
    const special = limit === 0 && draws.below(6) === 0;
    const specials = isFloat(dtype) ? [NaN, Infinity, -Infinity, -0, 0] : [2147483647, -2147483648, 0, -1, 255];
    const data = hostArray(dtype, sizeOf(shape)).map(() => {
      if (limit > 0) return draws.below(2 * limit) - limit;
      if (special && draws.below(8) === 0) return dtype === "bool" ? 1 : specials[draws.below(5)]!;
      if (isFloat(dtype)) return draws.below(4) === 0 ? draws.below(5) - 2 : draws.real(-2, 2);
      return dtype === "bool"
        ? draws.below(2)
        : draws.below(dtype === "uint8" ? 256 : 2000) - (dtype === "uint8" ? 0 : 1000);
    });
    const bound = isFloat(dtype) ? 2 : dtype === "bool" ? 1 : 2 ** 31;
    const place = this.push({ op: "buffer", dtype, shape, attrs: [], srcs: [] }, { bound, error: 0 });
    this.data.set(place, data);
    return place;
  }

  number(value: number, dtype: DType): number {
    const place = this.push(
      { op: "scalar", dtype, shape: [], attrs: [], srcs: [] },
      { bound: Math.abs(value), error: 0 },
    );
    this.numbers.set(place, value);
    return place;
  }

  add(
    op: PrimitiveName,
    srcs: readonly number[],
    shape: Shape,
    attrs: readonly number[],
    known: Known,
    dtype?: DType,
  ): number {
    return this.push({ op, dtype: dtype ?? this.node(srcs[0]!).dtype, shape, attrs, srcs }, known);
  }

  /** A movement of elements. */
  move(op: PrimitiveName, x: number, shape: Shape, attrs: readonly number[], ...more: readonly number[]): number {
    return this.add(op, [x, ...more], shape, attrs, this.known[x]!);
  }

  unary(name: UnaryName, x: number, known: Known, dtype?: DType): number {
    return this.add(name, [x], this.node(x).shape, [], known, dtype);
  }

  /** An elementwise op of two values; `known` is of the result before it is rounded. */
  binary(name: BinaryName, x: number, y: number, known: Known, dtype?: DType): number {
    const shape = broadcast(name, this.node(x).shape, this.node(y).shape);
    return this.add(name, [x, y], shape, [], this.rounded(known, this.node(x).dtype), dtype);
  }

  /** An error that is not 0 may grow when it is rounded. */
  rounded({ bound, error }: Known, dtype: DType): Known {
    return { bound, error: error === 0 ? 0 : error + unit(dtype) * bound };
  }

  isExact(place: number): boolean {
    return this.known[place]!.error === 0;
  }

  /** `y` in the dtype of `x`, and in a shape that broadcasts with it: by taking a part of it, or else its first element. */
  fitted(x: number, y: number): number {
    const [to, from] = [this.node(x), this.node(y)];
    let place = y;
    if (to.dtype !== from.dtype) place = this.cast(y, to.dtype);
    const lead = to.shape.length - from.shape.length;
    const fits = from.shape.every((size, i) => size === 1 || (lead + i >= 0 && size === to.shape[lead + i]));
    const grown = fits && sizeOf(broadcast("fit", to.shape, from.shape)) <= most;
    if (grown) return place;
    const isUnsigned = to.dtype === "bool" || to.dtype === "uint8";
    return this.number(isUnsigned ? this.draws.below(2) : this.draws.below(5) - 2, to.dtype);
  }

  /** A conversion; from floats that are not exact only to other floats. */
  cast(x: number, dtype: DType): number {
    const { bound, error } = this.known[x]!;
    const from = this.node(x).dtype;
    if (from === dtype) return x;
    if (!isFloat(dtype) && error > 0) return this.input(this.node(x).shape, dtype);
    if (isFloat(dtype) && !isFloat(from)) {
      // Large integers would make all that follows large: their sine has a known size, and is not exact.
      const float = this.unary("cast", x, { bound, error: 0 }, dtype);
      return this.unary("sin", float, { bound: 1, error: 4 * unit(dtype) });
    }
    const known = { bound: isFloat(dtype) ? bound : 2 ** 31, error: 0 };
    return this.unary(
      "cast",
      x,
      isFloat(dtype) ? { bound, error: error === 0 ? 0 : error + unit(dtype) * bound } : known,
      dtype,
    );
  }

  /** The negative; of bools, the opposite. */
  turned(x: number): number {
    return this.unary(this.node(x).dtype === "bool" ? "logicalNot" : "neg", x, this.known[x]!);
  }

  /** |x| + 1 */
  positive(x: number): number {
    const { bound, error } = this.known[x]!;
    const size = this.unary("abs", x, { bound, error });
    return this.binary("add", size, this.number(1, this.node(x).dtype), { bound: bound + 1, error });
  }

  /** Keeps numbers small. */
  small(x: number): number {
    const { dtype } = this.node(x);
    if (!isFloat(dtype) || this.known[x]!.bound < 50) return x;
    return this.unary("tanh", x, { bound: 1, error: this.known[x]!.error + 4 * unit(dtype) });
  }

  dim(x: number, detail: number): number {
    return detail % Math.max(this.node(x).shape.length, 1);
  }

  /** An index into `size` places, of a shape: an input, or computed. */
  index(shape: Shape, size: number, detail: number, x: number): number {
    if (detail % 3 > 0) return this.input(shape, "int32", size);
    const whole = this.exactInt(x);
    const [from, to] = [this.node(whole).shape, shape];
    const lead = to.length - from.length;
    const fits = lead >= 0 && from.every((n, i) => n === 1 || n === to[lead + i]);
    if (!fits) return this.input(shape, "int32", size);
    return this.binary("remainder", whole, this.number(size, "int32"), { bound: size, error: 0 });
  }

  exactInt(x: number): number {
    return this.cast(x, "int32");
  }

  /** What a step does where its op does not fit: a sum, or what has as many elements. */
  otherwise(x: number, y: number): number {
    const { bound, error } = this.known[x]!;
    if (bound > 1000 && isFloat(this.node(x).dtype)) return this.turned(x);
    const second = this.fitted(x, y);
    const known = this.known[second]!;
    return this.small(this.binary("add", x, second, { bound: bound + known.bound, error: error + known.error }));
  }
}

/** A step of a random Program: makes a value of earlier ones, or of new inputs, and returns its place. */
export type Make = (b: ProgramBuilder, x: number, y: number, z: number, detail: number) => number;
