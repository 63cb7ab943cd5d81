import { noGrad, Tensor } from "@downhill/core";
import { flush, type Node, text } from "@downhill/core/engine";
import type { Module } from "../module.js";
import type { GraphBuilder } from "./graph-builder.js";
import { hostPattern, type HostPattern } from "./host-pattern.js";
import { elementCode } from "./messages.js";
import { expanded, refused } from "./recorded-value.js";
import type { RecordedCall, RecordedNode, Recording } from "./recording.js";
import { type Probe, type Varying, varyingOf } from "./varying.js";

/** The values of a forward pass as they were recorded at several sizes, side by side. */
export class Values {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly calls: readonly RecordedCall[];
  readonly #probes: readonly Probe[];
  readonly #recordings: readonly Recording[];
  readonly #base: Recording;
  /** Names of parameters and buffers, and of modules. */
  readonly #names: ReadonlyMap<Node, string>;
  readonly #paths: ReadonlyMap<Module, string>;

  /** What host code has made for the input's size, by place. */
  readonly #patterns = new Map<number, HostPattern>();

  constructor(model: Module, probes: readonly Probe[], recordings: readonly Recording[]) {
    this.#probes = probes;
    this.#recordings = recordings;
    this.#base = recordings[0]!;
    this.inputs = this.#base.inputs;
    this.outputs = this.#base.outputs;
    this.calls = this.#base.calls;
    this.#paths = new Map(Array.from(model.namedModules(), ([name, module]) => [module, name]));
    this.#names = new Map(
      [...model.namedParameters(), ...model.namedBuffers()].map(([name, { node }]) => [node, name]),
    );
    this.#check();
  }

  /** Reads what host code has made for the input's size. */
  async settle(): Promise<void> {
    const seen = this.#base.nodes.map(({ op }, place) => ({ op, place })).filter(({ op }) => op === "buffer");
    for (const { place } of seen) {
      if (this.inputs.includes(place) || !this.#varies(place)) continue;
      const found = await hostPattern(this.#recordings.map(({ nodes }) => nodes[place]!.leaf!));
      if (found !== null) this.#patterns.set(place, found);
    }
  }

  /** Whether a value has another shape at another size. */
  #varies(place: number): boolean {
    return this.shape(place).some((size) => typeof size !== "number");
  }

  /** Refuses a model that does other things at other sizes. */
  #check(): void {
    const { nodes, outputs } = this.#base;
    for (const other of this.#recordings.slice(1)) {
      const same =
        other.nodes.length === nodes.length &&
        other.outputs.join() === outputs.join() &&
        other.nodes.every(({ op, dtype, shape, srcs, attrs }, i) => {
          const mine = nodes[i]!;
          const alike = op === mine.op && dtype === mine.dtype && shape.length === mine.shape.length;
          return alike && srcs.join() === mine.srcs.join() && attrs.length === mine.attrs.length;
        });
      if (!same)
        throw refused(
          `what the model does depends on the size of ${this.#probes.map(({ axis }) => `"${axis}"`).join(" or ")}`,
          "leave that dim out of dynamicAxes; {} leaves out all",
        );
    }
  }

  /** The names that parameters and buffers will have. */
  parameterNames(): Iterable<string> {
    return this.#names.values();
  }

  node(place: number): RecordedNode {
    return this.#base.nodes[place]!;
  }

  #varying(place: number, read: (node: RecordedNode) => number): Varying {
    const values = this.#recordings.map(({ nodes }) => read(nodes[place]!));
    const found = varyingOf(this.#probes, values);
    if (found !== null) return found;
    throw refused(
      `${this.where(place)}: a size is ${values.join(", ")} at ${this.#probes.map(({ axis, sizes }) => `${axis} ${sizes.join(", ")}`).join("; ")}, which is no product of them`,
      "leave that dim out of dynamicAxes",
    );
  }

  shape(place: number): readonly Varying[] {
    return this.node(place).shape.map((_, i) => this.#varying(place, ({ shape }) => shape[i]!));
  }

  attr(place: number, k: number): Varying {
    return this.#varying(place, ({ attrs }) => attrs[k]!);
  }

  /** A value that was there before: a parameter, a buffer, or what code has made on the host. */
  leaf(graph: GraphBuilder, place: number): string {
    const { leaf, shape, dtype } = this.node(place);
    const node = leaf!;
    if (this.#varies(place)) {
      const pattern = this.#patterns.get(place);
      const sizes = this.shape(place);
      if (pattern?.kind === "same") return expanded(graph, graph.number(pattern.value, dtype), [], sizes);
      if (pattern?.kind === "range") {
        const count = graph.varyingNumber(sizes[0]!, dtype, elementCode[dtype]);
        const step = graph.number(pattern.step, dtype);
        const start = graph.number(pattern.start, dtype);
        const end = graph.add("Add", [graph.add("Mul", [count, step]), start]);
        return graph.add("Range", [start, end, step]);
      }
      throw refused(
        `${this.where(place)}: a tensor of shape ${text(shape)} is made on the host for the input's size`,
        "make it of the input with ops, or leave that dim out of dynamicAxes",
      );
    }
    return graph.tensor(node, this.#names.get(node));
  }

  /** A parameter or buffer of a layer; one that is computed (a parametrization) as the value that it has now. */
  weight(graph: GraphBuilder, module: Module, name: string): string {
    const read = (): unknown => (module as unknown as Record<string, unknown>)[name];
    const value = noGrad(read);
    if (!(value instanceof Tensor)) return "";
    const path = this.#paths.get(module) ?? "";
    const known = this.#names.get(value.node);
    if (known === undefined) flush(value);
    return graph.tensor(value.node, known ?? (path === "" ? name : `${path}.${name}`));
  }

  /** Which op of which layer made a value. */
  where(place: number): string {
    const { op, shape } = this.node(place);
    const layer = this.calls.find((call) => this.#isWithin(call, place));
    const path = layer && (this.#paths.get(layer.module) ?? "");
    const of = layer === undefined ? "" : ` of ${layer.module.constructor.name}${path === "" ? "" : ` "${path!}"`}`;
    return `${op}${of}, which gives ${text(shape)}`;
  }

  /** Whether a call's results are made of a value that it was not given. */
  #isWithin({ inputs, outputs }: RecordedCall, place: number): boolean {
    const seen = new Set(inputs.filter((input) => input !== null));
    const stack = outputs.filter((output) => !seen.has(output));
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (at === place) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      stack.push(...this.node(at).srcs.filter((src) => !seen.has(src)));
    }
    return false;
  }
}
