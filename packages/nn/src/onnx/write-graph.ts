import type { Module } from "../module.js";
import type { GraphBuilder } from "./graph-builder.js";
import type { LayerCall, LayerOp } from "./layer-op.js";
import { layerOps } from "./layer-ops.js";
import { elementCode } from "./messages.js";
import { primitiveOps } from "./primitive-ops.js";
import { type RecordedValue, refused } from "./recorded-value.js";
import type { RecordedCall } from "./recording.js";
import type { Values } from "./values.js";

/** The row of a layer's class: of its own, not of one that it extends, unless it is parametrized. */
function opOf(module: Module): LayerOp | undefined {
  const own = module.constructor;
  const parent: unknown = Object.getPrototypeOf(own);
  return layerOps.find(({ layer }) => own === layer || ("parametrizations" in module && parent === layer));
}

type Write = (graph: GraphBuilder, call: LayerCall) => readonly string[];

/** A call that becomes an operation. */
interface Written {
  readonly call: RecordedCall;
  readonly write: Write;
}

/** The calls that become operations, by the places of their results. */
function writtenCalls(values: Values): ReadonlyMap<number, Written> {
  const found = new Map<number, Written>();
  for (const call of values.calls) {
    const { module, args, inputs, outputs } = call;
    if (outputs.some((output) => inputs.includes(output) || found.has(output))) continue;
    const shapes = inputs.map((input) => (input === null ? null : values.shape(input)));
    const write = opOf(module)?.write(module, { args, shapes });
    if (write !== undefined && write !== null) for (const output of outputs) found.set(output, { call, write });
  }
  return found;
}

/** Writes what the outputs need, each value after what it is made of. Iterative: graphs may be deep. */
export function writeGraph(
  graph: GraphBuilder,
  values: Values,
  inputNames: readonly string[],
  outputNames: readonly string[],
): void {
  const calls = writtenCalls(values);
  const names = new Map(values.inputs.map((place, i) => [place, inputNames[i]!]));
  const needs = (place: number): readonly number[] =>
    calls.get(place)?.call.inputs.filter((input) => input !== null) ?? values.node(place).srcs;
  const stack = values.outputs.toReversed();
  while (stack.length > 0) {
    const place = stack.at(-1)!;
    const open = needs(place).filter((src) => !names.has(src));
    if (names.has(place) || open.length === 0) {
      stack.pop();
      if (!names.has(place)) write(place);
    } else stack.push(...open.toReversed());
  }
  values.outputs.forEach((place, i) => graph.rename(names.get(place)!, outputNames[i]!));

  function write(place: number): void {
    const written = calls.get(place);
    if (written === undefined) names.set(place, writeValue(graph, values, place, names));
    else {
      const { module, args, inputs, outputs } = written.call;
      const results = written.write(graph, {
        args,
        names: inputs.map((input) => (input === null ? null : names.get(input)!)),
        shapes: inputs.map((input) => (input === null ? null : values.shape(input))),
        weight: (name) => values.weight(graph, module, name),
      });
      outputs.forEach((output, k) => names.set(output, results[k]!));
    }
  }
}

function writeValue(graph: GraphBuilder, values: Values, place: number, names: ReadonlyMap<number, string>): string {
  const node = values.node(place);
  const { op, srcs, dtype } = node;
  if (op === "buffer") return values.leaf(graph, place);
  if (op === "scalar") return graph.varyingNumber(values.attr(place, 0), dtype, elementCode[dtype]);
  const known = (at: number): Omit<RecordedValue, "sources" | "names"> => ({
    node: values.node(at),
    shape: values.shape(at),
    attr: (k) => values.attr(at, k),
    refuse: (why) => {
      throw refused(`no counterpart for ${values.where(at)}: ${why}`, "leave that part out of the model to export");
    },
  });
  return primitiveOps[op](graph, {
    ...known(place),
    names: srcs.map((src) => names.get(src)!),
    sources: srcs.map(known),
  });
}
