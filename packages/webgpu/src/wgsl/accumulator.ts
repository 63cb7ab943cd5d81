import type { DType } from "@downhill/core";
import type { Reduction } from "@downhill/core/compiler";
import type { BinaryName } from "@downhill/core/engine";
import { keeping, nanTest } from "./rounding.js";
import { binary, typeOf } from "./values.js";
import type { Writer } from "./writer.js";

/** How the terms of a reduction are combined. */
const combining: Record<Reduction["name"], BinaryName> = {
  sum: "add",
  prod: "mul",
  max: "maximum",
  min: "minimum",
  argmax: "maximum",
  argmin: "minimum",
};

/** What no terms give. */
function neutral(name: Reduction["name"], dtype: DType): number {
  if (name === "sum") return 0;
  if (name === "prod") return 1;
  const least = dtype === "float32" ? -Infinity : dtype === "int32" ? -(2 ** 31) : 0;
  const most = dtype === "float32" ? Infinity : dtype === "int32" ? 2 ** 31 - 1 : dtype === "uint8" ? 255 : 1;
  return name === "max" || name === "argmax" ? least : most;
}

const isArg = ({ name }: Reduction): boolean => name === "argmax" || name === "argmin";

/** From so many terms on, floats are added up with twice their digits, as on the CPU: the terms may cancel out. */
const manyTerms = 1024;

// Knuth, "The Art of Computer Programming", volume 2, section 4.2.2: a sum and its rounding error. Infinities and NaN have none.
const twoSum = `fn two_sum(x: f32, y: f32) -> vec2<f32> {
  let sum = keep(x + y);
  let added = keep(sum - x);
  let lost = keep(x - keep(sum - added)) + (y - added);
  return vec2(sum, select(lost, 0.0, (bitcast<u32>(sum) & 0x7f800000u) == 0x7f800000u));
}`;

/**
 * The names of a partial result: a value, and for argmax and argmin the number of its turn, for sums of many floats what
 * is missing from the value.
 */
export interface Partial {
  readonly value: string;
  readonly second: string | null;
}

/** Combines the terms of one reduction. */
export class Accumulator {
  readonly reduction: Reduction;
  /** One or two variables of the thread. */
  readonly own: Partial;
  /** The second one's type. */
  readonly secondType: "i32" | "f32" | null;
  /** Whether a turn's number is part of what it gives. */
  readonly countsTurns: boolean;
  private readonly writer: Writer;

  /** `terms`: how many there are of each result. */
  constructor(writer: Writer, reduction: Reduction, terms: number) {
    this.writer = writer;
    this.reduction = reduction;
    const { dtype } = reduction.of;
    this.countsTurns = isArg(reduction);
    const isLong = reduction.name === "sum" && dtype === "float32" && terms >= manyTerms;
    this.secondType = this.countsTurns ? "i32" : isLong ? "f32" : null;
    this.own = { value: writer.name("a"), second: this.secondType === null ? null : writer.name("a") };
    writer.line(`var ${this.own.value}: ${typeOf[dtype]} = ${writer.number(neutral(reduction.name, dtype), dtype)};`);
    if (this.own.second !== null) writer.line(`var ${this.own.second} = ${this.countsTurns ? "2147483647" : "0.0"};`);
  }

  /** 32-bit words of a partial result. */
  get words(): number {
    return this.own.second === null ? 1 : 2;
  }

  /** Takes a term, or another partial result, in. */
  take(other: Partial): void {
    const { writer, own, reduction } = this;
    const { dtype } = reduction.of;
    const name = combining[reduction.name];
    if (this.secondType === "f32") {
      keeping(writer);
      const sum = writer.let(`${writer.use("two_sum", twoSum)}(${own.value}, ${other.value})`);
      writer.line(`${own.value} = ${sum}.x;`);
      writer.line(`${own.second!} += ${other.second === null ? "" : `${other.second} + `}${sum}.y;`);
      return;
    }
    if (own.second === null) {
      writer.line(`${own.value} = ${binary(writer, name, dtype, own.value, other.value)};`);
      return;
    }
    const [sign, x, best] = [reduction.name === "argmax" ? ">" : "<", other.value, own.value];
    const first = `${other.second!} < ${own.second}`;
    const isNan = dtype === "float32" ? nanTest(writer) : "";
    // The first of equals; NaN beats everything but NaN.
    const wins =
      dtype === "float32"
        ? `select(select(${x} ${sign} ${best} || (${x} == ${best} && ${first}), false, ${isNan}(${best})), ${first} || !${isNan}(${best}), ${isNan}(${x}))`
        : dtype === "bool"
          ? `(${sign === ">" ? `${x} && !${best}` : `!${x} && ${best}`}) || (${x} == ${best} && ${first})`
          : `${x} ${sign} ${best} || (${x} == ${best} && ${first})`;
    const decides = writer.let(wins);
    writer.line(`${best} = select(${best}, ${x}, ${decides});`);
    writer.line(`${own.second} = select(${own.second}, ${other.second!}, ${decides});`);
  }

  /** Takes in what another thread has: `from` gives its variable. */
  takeFrom(from: (variable: string) => string): void {
    const { writer, own, reduction } = this;
    const isBool = reduction.of.dtype === "bool"; // no thread hands out bools
    const value = writer.let(isBool ? `${from(`select(0u, 1u, ${own.value})`)} != 0u` : from(own.value));
    this.take({ value, second: own.second === null ? null : writer.let(from(own.second)) });
  }

  /** The result, once all is taken in. */
  get total(): string {
    const { value, second } = this.own;
    if (second === null) return value;
    return this.countsTurns ? second : `(${value} + ${second})`;
  }
}
