import { type DType, Tensor, type TypedArray } from "@downhill/core";
import type { Node } from "@downhill/core/engine";
import { type Attribute, type ElementType, type Operation, tensorMessage } from "./messages.js";
import type { Message } from "./protobuf.js";
import type { Varying } from "./varying.js";

/** Where the size of a dynamic axis can be read: a dim of an input. */
export interface AxisSource {
  readonly input: string;
  readonly dim: number;
}

const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A graph in the making: operations in order, constants, and names that are each given once. Values are names here. */
export class GraphBuilder {
  readonly operations: Operation[] = [];
  readonly #constants: Message[] = [];
  /** Constants whose elements are still to be read. */
  readonly #tensors: { readonly name: string; readonly node: Node }[] = [];
  readonly #known = new Map<string | Node, string>();
  readonly #taken: Set<string>;
  readonly #axes: ReadonlyMap<string, AxisSource>;

  /** @param taken Names that are given away already: those of inputs, outputs and parameters. */
  constructor(taken: Iterable<string>, axes: ReadonlyMap<string, AxisSource>) {
    this.#taken = new Set(taken);
    this.#axes = axes;
  }

  #name(stem: string): string {
    let name = stem;
    for (let n = 1; this.#taken.has(name); n++) name = `${stem}_${n}`;
    this.#taken.add(name);
    return name;
  }

  #once(key: string | Node, make: () => string): string {
    let name = this.#known.get(key);
    if (name === undefined) this.#known.set(key, (name = make()));
    return name;
  }

  /** Adds an operation of several results. An input that is left out is "". */
  addAll(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#name(type));
    this.operations.push({ type, inputs, outputs, attributes });
    return outputs;
  }

  /** Adds an operation of one result. */
  add(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.addAll(type, inputs, attributes, 1)[0]!;
  }

  /** Gives a value a name that others look for. */
  rename(value: string, name: string): void {
    this.operations.push({ type: "Identity", inputs: [value], outputs: [name], attributes: {} });
  }

  cast(value: string, to: ElementType, code: number): string {
    return this.#once(`cast ${value} ${to}`, () => this.add("Cast", [value], { to: code }));
  }

  /** A constant with the elements of a tensor that is there, under a name of its own if it has one. */
  tensor(node: Node, given?: string): string {
    return this.#once(node, () => {
      // Parameters' names are taken from the start, so that nothing else gets them.
      const name = given !== undefined && this.#taken.has(given) ? given : this.#name(given ?? "constant");
      this.#tensors.push({ name, node });
      return node.dtype === "float16" ? this.add("Cast", [name], { to: 10 }) : name; // they are read as float32
    });
  }

  /** A constant list of whole numbers. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#once(`ints ${shape.join()} ${values.join()}`, () => {
      const name = this.#name("sizes");
      const data = BigInt64Array.from(values, BigInt);
      this.#constants.push(tensorMessage(name, "int64", shape, bytesOf(data)));
      return name;
    });
  }

  /** A constant number without dims, or with `shape`, which it fills. */
  number(value: number, dtype: DType, shape: readonly number[] = []): string {
    const count = shape.reduce((product, size) => product * size, 1);
    return this.#once(`number ${dtype} ${shape.join()} ${Object.is(value, -0) ? "-0" : value}`, () => {
      const arrays = { float16: Float32Array, float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }; // prettier-ignore
      const name = this.#name("number");
      const stored = dtype === "float16" ? "float32" : dtype;
      const data: TypedArray = new arrays[dtype](count).fill(value);
      this.#constants.push(tensorMessage(name, stored, shape, bytesOf(data)));
      return dtype === "float16" ? this.add("Cast", [name], { to: 10 }) : name;
    });
  }

  /** A constant list of float32. */
  floats(values: readonly number[]): string {
    return this.#once(`floats ${values.join()}`, () => {
      const name = this.#name("numbers");
      this.#constants.push(tensorMessage(name, "float32", [values.length], bytesOf(Float32Array.from(values))));
      return name;
    });
  }

  /** The size of a dynamic axis, int64 [1]. */
  #axis(axis: string): string {
    return this.#once(`axis ${axis}`, () => {
      const { input, dim } = this.#axes.get(axis)!;
      return this.add("Shape", [input], { start: dim, end: dim + 1 });
    });
  }

  /** Sizes as int64 [1] each, beside each other. */
  sizes(list: readonly Varying[]): string {
    if (list.every((size) => typeof size === "number")) return this.ints(list);
    const parts = list.map((size) => (typeof size === "number" ? this.ints([size]) : this.#whole(size)));
    return parts.length === 1 ? parts[0]! : this.add("Concat", parts, { axis: 0 });
  }

  #whole({ factor, axes, offset }: Exclude<Varying, number>): string {
    return this.#once(`size ${axes.join()} ${factor} ${offset}`, () => {
      let value = axes.map((axis) => this.#axis(axis)).reduce((a, b) => this.add("Mul", [a, b]));
      if (factor !== 1) value = this.add("Mul", [value, this.ints([factor])]);
      if (offset !== 0) value = this.add("Add", [value, this.ints([offset])]);
      return value;
    });
  }

  /** A number without dims that varies with sizes: computed in float64. */
  varyingNumber(value: Varying, dtype: DType, code: number): string {
    if (typeof value === "number") return this.number(value, dtype);
    const { factor, axes, offset, inverse } = value;
    let result = axes
      .map((axis) => this.cast(this.#axis(axis), "float64", 11))
      .reduce((a, b) => this.add("Mul", [a, b]));
    if (factor !== 1) result = this.add("Mul", [result, this.number(factor, "float64")]);
    if (offset !== 0) result = this.add("Add", [result, this.number(offset, "float64")]);
    if (inverse) result = this.add("Div", [this.number(1, "float64"), result]);
    return this.add("Squeeze", [this.cast(result, dtype, code), this.ints([0])]);
  }

  /** All constants, once their elements are read. */
  async constants(): Promise<Message[]> {
    const read = this.#tensors.map(async ({ name, node }) => {
      const data = await new Tensor(node).data();
      const { dtype, shape } = node;
      return tensorMessage(name, dtype === "float16" ? "float32" : dtype, shape, bytesOf(data));
    });
    return [...(await Promise.all(read)), ...this.#constants];
  }
}
