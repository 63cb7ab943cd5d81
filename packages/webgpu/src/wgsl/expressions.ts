import {
  type Affine,
  affineKey,
  type Expression,
  mapOf,
  partsOf,
  type Reduction,
  type Store,
} from "@downhill/core/compiler";
import type { Surroundings } from "../kernels/surroundings.js";
import { nothingFailed } from "./failure.js";
import { roundedByDevice } from "./halves.js";
import type { Position } from "./position.js";
import { load, ofBits, store, typeOf, valueOfOp } from "./values.js";
import type { Writer } from "./writer.js";

/** How results of reductions, and values that are at hand already, are called. */
export interface Known {
  readonly totals?: ReadonlyMap<Reduction, string>;
  /** Loads that have been done, by `loadKey`: the names of their bits. */
  readonly loads?: ReadonlyMap<string, string>;
  /** A value that lies in a variable, not in memory: the product whose tail this is. */
  readonly value?: { readonly value: number; readonly name: string };
}

/** One text for equal loads. */
export const loadKey = ({ value, at }: Store["place"]): string => `${value}:${affineKey(at)}`;

/** Writes expressions at one place of the code; one that is met twice is computed once. */
export class Expressions {
  private readonly writer: Writer;
  private readonly around: Surroundings;
  private readonly position: Position;
  private readonly known: Known;
  private readonly outer: Expressions | null;
  private readonly names = new Map<Expression, string>();

  /** `outer` has been written before, and stands for what does not change here. */
  constructor(
    writer: Writer,
    around: Surroundings,
    position: Position,
    known: Known = {},
    outer: Expressions | null = null,
  ) {
    this.writer = writer;
    this.around = around;
    this.position = position;
    this.known = known;
    this.outer = outer;
  }

  /** The name of an expression's value. */
  of(expression: Expression): string {
    const known = this.find(expression);
    if (known !== undefined) return known;
    const name = this.writer.let(this.text(expression));
    this.names.set(expression, name);
    return name;
  }

  /** Computes an expression here if it is the same wherever `loops` stand, else as much of it as is. */
  hoist(expression: Expression, loops: readonly number[]): boolean {
    const map = mapOf(expression);
    const moves = expression.kind === "total" || (map !== undefined && loops.some((loop) => map.strides[loop] !== 0));
    const parts = partsOf(expression);
    const still = parts.map((part) => this.hoist(part, loops)).every(Boolean) && !moves;
    if (still && (parts.length > 0 || map !== undefined)) this.of(expression);
    return still;
  }

  /** Writes values, once all of them are computed: an update may be written over what another one reads. */
  write(stores: readonly Store[]): void {
    const { writer, around } = this;
    const ready = stores.map(({ place, value }) => {
      const of = this.of(value);
      return { value: place.value, of, at: this.at(place.at) };
    });
    const put = ({ value, of, at }: (typeof ready)[number]): void => {
      store(writer, around.dtypeOf(value), writer.word({ kind: "address", value }), at, of);
    };
    const updates = ready.filter(({ value }) => around.overwrites(value));
    for (const one of ready) if (!updates.includes(one)) put(one);
    if (updates.length === 0) return;
    writer.line(`if (${nothingFailed(writer)}) {`);
    updates.forEach(put);
    writer.line("}");
  }

  at(affine: Affine): string {
    return this.position.at(affine);
  }

  private find(expression: Expression): string | undefined {
    return this.names.get(expression) ?? this.outer?.find(expression);
  }

  private text(expression: Expression): string {
    const { writer, known } = this;
    switch (expression.kind) {
      case "load": {
        const { value, at } = expression.place;
        if (known.value?.value === value) return known.value.name;
        const bits = known.loads?.get(loadKey(expression.place));
        if (bits !== undefined) return ofBits(expression.dtype, bits);
        return load(writer, expression.dtype, writer.word({ kind: "address", value }), this.at(at));
      }
      case "index":
        return expression.dtype === "bool"
          ? `(${this.at(expression.at)} != 0)`
          : `${typeOf[expression.dtype]}(${this.at(expression.at)})`;
      case "unary":
        if (expression.name === "half" && this.around.roundsHalves)
          return roundedByDevice(writer, expression.x, (part) => this.of(part));
        return this.valueOf(expression);
      case "total":
        return known.totals!.get(expression.reduction)!;
      default:
        return this.valueOf(expression);
    }
  }

  private valueOf(expression: Expression): string {
    return valueOfOp(
      this.writer,
      expression,
      (part) => this.of(part),
      (affine) => this.at(affine),
    );
  }
}
