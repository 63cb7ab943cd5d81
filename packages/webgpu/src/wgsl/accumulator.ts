import type { DType } from "@downhill/core";
import type { Reduction } from "@downhill/core/compiler";
import type { BinaryName } from "@downhill/core/engine";
import { nanTest } from "./rounding.js";
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

/** The names of a partial result: a value, and for argmax and argmin the number of its turn. */
export interface Partial {
  readonly value: string;
  readonly turn: string | null;
}

/** Combines the terms of one reduction. */
export class Accumulator {
  readonly reduction: Reduction;
  /** Two variables of the thread. */
  readonly own: Partial;
  private readonly writer: Writer;

  constructor(writer: Writer, reduction: Reduction) {
    this.writer = writer;
    this.reduction = reduction;
    this.own = { value: writer.name("a"), turn: isArg(reduction) ? writer.name("a") : null };
    const { dtype } = reduction.of;
    writer.line(`var ${this.own.value}: ${typeOf[dtype]} = ${writer.number(neutral(reduction.name, dtype), dtype)};`);
    if (this.own.turn !== null) writer.line(`var ${this.own.turn} = 2147483647;`);
  }

  /** 32-bit words of a partial result. */
  get words(): number {
    return this.own.turn === null ? 1 : 2;
  }

  /** Takes a term, or another partial result, in. */
  take(other: Partial): void {
    const { writer, own, reduction } = this;
    const { dtype } = reduction.of;
    const name = combining[reduction.name];
    if (own.turn === null) {
      writer.line(`${own.value} = ${binary(writer, name, dtype, own.value, other.value)};`);
      return;
    }
    const [sign, x, best] = [reduction.name === "argmax" ? ">" : "<", other.value, own.value];
    const first = `${other.turn!} < ${own.turn}`;
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
    writer.line(`${own.turn} = select(${own.turn}, ${other.turn!}, ${decides});`);
  }

  /** The result, once all is taken in. */
  get total(): string {
    return this.own.turn ?? this.own.value;
  }
}
