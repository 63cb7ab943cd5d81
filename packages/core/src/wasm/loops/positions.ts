import type { Affine } from "../../kernel/affine.js";
import type { Code } from "../assembler.js";
import type { Nest } from "./nest.js";
import type { Values } from "./values.js";

/** Where the loops of a nest stand, and the numbers that follow from it: offset + Σ strides · positions. */
export class Positions {
  /** The local that holds the position of each loop. */
  readonly counters: number[] = [];
  private readonly code: Code;
  private readonly nest: Nest;
  private readonly number: (node: number) => void;

  /** `number` puts a run-time number, by its Node, on the stack. */
  constructor(code: Code, nest: Nest, number: (node: number) => void) {
    this.code = code;
    this.nest = nest;
    this.number = number;
  }

  /** The number in each lane of one of several vectors, or the same in all of them outside of the vector loop. */
  lanes(at: Affine, values: Values, inVectors: boolean, copy: number): number {
    const { code } = this;
    const step = this.first(at, values, inVectors, copy);
    if (values.width === 4) {
      code.op("i32x4.splat");
      if (step !== 0) code.v128("i32x4", 0, step, 2 * step, 3 * step).op("i32x4.add");
    }
    return values.take("int32");
  }

  /** Puts the number in the first lane on the stack, and returns how much greater that in the next is. */
  first(at: Affine, { width }: Values, inVectors: boolean, copy: number): number {
    const { code, nest, counters } = this;
    const strides = nest.stridesOf(at);
    const step = nest.vector < 0 || !inVectors ? 0 : strides[nest.vector]!;
    code.i32(at.offset + copy * width * step);
    for (const { scalar, stride } of at.moving) {
      this.number(scalar);
      code.op("i32.trunc_sat_f64_s").i32(stride).op("i32.mul").op("i32.add");
    }
    strides.forEach((stride, loop) => {
      if (stride !== 0) code.get(counters[loop]!).i32(stride).op("i32.mul").op("i32.add");
    });
    return step;
  }
}
