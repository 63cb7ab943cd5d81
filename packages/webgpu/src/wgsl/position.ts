import type { Affine } from "@downhill/core/compiler";
import type { Writer } from "./writer.js";

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Where some loops of a nest stand, as one number that counts their turns in row-major order. */
export interface Counter {
  /** The loops' places in the nest. */
  readonly loops: readonly number[];
  readonly sizes: readonly number[];
  /** The number in WGSL, u32. */
  readonly flat: string;
}

/**
 * Writes affine numbers of loops whose turns are counted in one go. Neighbouring loops that a number runs through without
 * a gap are never told apart: an element's place in a contiguous tensor is the counter itself.
 */
export class Position {
  private readonly writer: Writer;
  private readonly counters: readonly Counter[];
  private readonly parts = new Map<string, string>();

  constructor(writer: Writer, counters: readonly Counter[], outer?: Position) {
    this.writer = writer;
    this.counters = counters;
    if (outer !== undefined) for (const [key, name] of outer.parts) this.parts.set(key, name);
  }

  /** An affine number: u32 where it cannot be negative on the way, else i32. */
  at({ offset, strides, moving }: Affine): string {
    // Where there are no turns, any number will do.
    if (this.counters.some(({ sizes }) => product(sizes) === 0)) return "0u";
    const signed = offset < 0 || moving.length > 0 || strides.some((stride) => stride < 0);
    const suffix = signed ? "" : "u";
    const terms: string[] = [];
    for (const counter of this.counters) {
      const { loops, sizes } = counter;
      for (let first = 0; first < loops.length;) {
        let last = first;
        const stride = (i: number): number => strides[loops[i]!]!;
        while (last + 1 < loops.length && stride(last) === stride(last + 1) * sizes[last + 1]!) last++;
        if (stride(last) !== 0) {
          const part = this.part(counter, first, last);
          const number = signed ? `i32(${part})` : part;
          terms.push(stride(last) === 1 ? number : `${number} * ${stride(last)}${suffix}`);
        }
        first = last + 1;
      }
    }
    for (const { scalar, stride } of moving)
      terms.push(`bitcast<i32>(${this.writer.word({ kind: "number", node: scalar, dtype: "int32" })}) * ${stride}`);
    if (offset !== 0 || terms.length === 0) terms.push(`${offset}${suffix}`);
    return terms.join(" + ");
  }

  /** The turn of loops `first` to `last` of a counter. */
  private part(counter: Counter, first: number, last: number): string {
    const { sizes } = counter;
    const inner = product(sizes.slice(last + 1));
    const own = product(sizes.slice(first, last + 1));
    const quotient = this.quotient(counter, inner);
    // The rest of a division is told from the quotient, which others may need as well: divisions are what is dear.
    return first === 0 ? quotient : this.named(`${quotient} - ${this.quotient(counter, inner * own)} * ${own}u`);
  }

  /** A counter's turn without the loops inside, which have `inner` turns together. */
  private quotient({ flat }: Counter, inner: number): string {
    return inner === 1 ? flat : this.named(`${flat} / ${inner}u`);
  }

  private named(text: string): string {
    let name = this.parts.get(text);
    if (name === undefined) this.parts.set(text, (name = this.writer.let(text)));
    return name;
  }
}
