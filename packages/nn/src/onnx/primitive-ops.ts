import type { PrimitiveName } from "@downhill/core/engine";
import { elementwiseOps } from "./elementwise-ops.js";
import type { GraphBuilder } from "./graph-builder.js";
import { elementCode } from "./messages.js";
import { alike, as, expanded, fixed, type RecordedValue, reshaped, type WriteOp } from "./recorded-value.js";
import type { Varying } from "./varying.js";

/** A size plus a fixed number. */
const plus = (size: Varying, more: number): Varying =>
  typeof size === "number" ? size + more : { ...size, offset: size.offset + more };

/** The difference of two sizes, of which the second or both vary in the same way. */
function minus(value: RecordedValue, a: Varying, b: Varying): Varying {
  if (typeof b === "number") return plus(a, -b);
  if (typeof a !== "number" && a.factor === b.factor && a.axes.join() === b.axes.join()) return a.offset - b.offset;
  return value.refuse(`a size varies with ${b.axes.join(" and ")}`);
}

/** Reductions know no bools and bytes: they are done on int32. */
const reduced =
  (type: string, ofBools = type): WriteOp =>
  (graph, { node, names, sources }) => {
    const [keepdim, ...dims] = node.attrs as [number, ...number[]];
    const { dtype } = sources[0]!.node;
    if (dims.length === 0) return as(graph, names[0]!, dtype, node.dtype);
    const narrow = dtype === "bool" || dtype === "uint8";
    const x = narrow ? as(graph, names[0]!, dtype, "int32") : names[0]!;
    const result = graph.add(dtype === "bool" ? ofBools : type, [x, graph.ints(dims)], { keepdims: keepdim });
    return as(graph, result, narrow ? "int32" : dtype, node.dtype);
  };

const placed =
  (type: string): WriteOp =>
  (graph, { node, names, sources }) => {
    const [keepdim, dim] = node.attrs as [number, number?];
    const { dtype } = sources[0]!.node;
    if (dim === undefined) return graph.number(0, "int32");
    const x = dtype === "bool" || dtype === "uint8" ? as(graph, names[0]!, dtype, "int32") : names[0]!;
    return graph.cast(graph.add(type, [x], { axis: dim, keepdims: keepdim }), "int32", elementCode.int32);
  };

/** The start of a slice, int64 [1]: a number that is known now, or a tensor. */
function startOf(graph: GraphBuilder, { names, sources }: RecordedValue): { name: string; known: Varying | null } {
  const { node, attr } = sources[1]!;
  if (node.op === "scalar") return { name: graph.sizes([attr(0)]), known: attr(0) };
  const whole = graph.cast(names[1]!, "int64", elementCode.int64);
  return { name: graph.add("Reshape", [whole, graph.ints([1])]), known: null };
}

/** Zeros before and after a dim. */
function padded(graph: GraphBuilder, x: string, dim: number, before: Varying, after: Varying): string {
  return graph.add("Pad", [x, graph.sizes([before, after]), "", graph.ints([dim])]);
}

/** Reads at an index for each element. If it runs along `dim` alone, whole slices. */
const gather: WriteOp = (graph, value) => {
  const { node, shape, names, sources } = value;
  const dim = node.attrs[0]!;
  const [x, index] = sources as [(typeof sources)[0], (typeof sources)[0]];
  const lead = shape.length - index.shape.length;
  const along = index.shape.every((size, i) => size === 1 || i + lead === dim);
  const whole = x.shape.every((size, i) => i === dim || alike(size, shape[i]!));
  if (along && whole && alike(index.shape[dim - lead] ?? 1, shape[dim]!))
    return graph.add("Gather", [names[0]!, reshaped(graph, names[1]!, [shape[dim]!])], { axis: dim });
  return graph.add("GatherElements", [names[0]!, expanded(graph, names[1]!, index.shape, shape)], { axis: dim });
};

const scatter: WriteOp = (graph, { node, shape, names, sources }) => {
  const [x, index, src] = sources.map((source) => source.shape) as [Varying[], Varying[], Varying[]];
  const rank = shape.length;
  const at = (sizes: readonly Varying[], i: number): Varying => sizes[i - (rank - sizes.length)] ?? 1;
  const common = shape.map((_, i) => (at(index, i) === 1 ? at(src, i) : at(index, i)));
  return graph.add(
    "ScatterElements",
    [
      expanded(graph, names[0]!, x, shape),
      expanded(graph, names[1]!, index, common),
      expanded(graph, names[2]!, src, common),
    ],
    { axis: node.attrs[0]!, reduction: node.attrs[4] === 1 ? "add" : "none" },
  );
};

/** What becomes of each primitive. ONNX: https://onnx.ai/onnx/operators/ */
export const primitiveOps: Readonly<Record<PrimitiveName, WriteOp>> = {
  ...elementwiseOps,
  sum: reduced("ReduceSum", "ReduceMax"),
  prod: reduced("ReduceProd", "ReduceMin"),
  max: reduced("ReduceMax"),
  min: reduced("ReduceMin"),
  argmax: placed("ArgMax"),
  argmin: placed("ArgMin"),
  reshape: (graph, { names, shape }) => reshaped(graph, names[0]!, shape),
  permute: (graph, { names, node }) => graph.add("Transpose", names, { perm: node.attrs }),
  expand: (graph, { names, shape, sources }) => expanded(graph, names[0]!, sources[0]!.shape, shape),
  flip: (graph, { names, node: { attrs } }) => {
    const each = (number: number): string => graph.ints(attrs.map(() => number));
    return graph.add("Slice", [names[0]!, each(-1), each(-(2 ** 53)), graph.ints(attrs), each(-1)]);
  },
  slice: (graph, value) => {
    const { names, node, shape } = value;
    const [dim, , step] = node.attrs as [number, number, number];
    const start = startOf(graph, value);
    const count = shape[dim]!;
    const reach: Varying =
      typeof count === "number"
        ? (count - 1) * step + 1
        : { ...count, factor: count.factor * step, offset: (count.offset - 1) * step + 1 };
    const end = start.known !== null && typeof start.known === "number" ? graph.sizes([plus(reach, start.known)]) : graph.add("Add", [start.name, graph.sizes([reach])]); // prettier-ignore
    return graph.add("Slice", [names[0]!, start.name, end, graph.ints([dim]), graph.ints([step])]);
  },
  unslice: (graph, value) => {
    const { names, node, shape, sources } = value;
    const [dim, , step] = node.attrs as [number, number, number];
    const start = startOf(graph, value).known ?? value.refuse("its start is a tensor");
    const from = sources[0]!.shape;
    let x = as(graph, names[0]!, node.dtype, node.dtype === "bool" ? "uint8" : node.dtype);
    let length = from[dim]!;
    if (step !== 1) {
      // A column of zeros after each element, without those after the last.
      const count = fixed(value, length, "the number of elements to set apart");
      const apart = graph.add("Unsqueeze", [x, graph.ints([dim + 1])]);
      x = reshaped(graph, padded(graph, apart, dim + 1, 0, step - 1), from.with(dim, count * step));
      length = (count - 1) * step + 1;
      x = graph.add("Slice", [x, graph.ints([0]), graph.ints([length]), graph.ints([dim])]);
    }
    const after = minus(value, minus(value, shape[dim]!, start), length);
    return as(graph, padded(graph, x, dim, start, after), node.dtype === "bool" ? "uint8" : node.dtype, node.dtype);
  },
  windows: (graph, value) => {
    const { names, node, shape } = value;
    const [dim, size, step, dilation] = node.attrs as [number, number, number, number];
    const count = fixed(value, shape[dim]!, "the number of windows");
    const places = Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * step + (i % size) * dilation);
    return graph.add("Gather", [names[0]!, graph.ints(places, [count, size])], { axis: dim });
  },
  cumsum: (graph, { names, node, sources }) => {
    if (node.shape.length === 0) return names[0]!;
    const { dtype } = sources[0]!.node;
    const x = dtype === "bool" ? as(graph, names[0]!, dtype, "int32") : names[0]!;
    return as(graph, graph.add("CumSum", [x, graph.ints([node.attrs[0]!])]), dtype === "bool" ? "int32" : dtype, node.dtype); // prettier-ignore
  },
  cumprod: (_, value) => value.refuse("ONNX has none"),
  where: (graph, { names, sources }) => {
    const [condition, x, y] = names as [string, string, string];
    return graph.add("Where", [as(graph, condition, sources[0]!.node.dtype, "bool"), x, y]);
  },
  matmul: (graph, { names }) => graph.add("MatMul", names),
  gather,
  scatter,
  cat: (graph, { names, node }) => graph.add("Concat", names, { axis: node.attrs[0]! }),
  argsort: (graph, { names, node, shape, sources }) => {
    const [dim, descending] = node.attrs as [number, number];
    const { dtype } = sources[0]!.node;
    const x = dtype === "bool" || dtype === "uint8" ? as(graph, names[0]!, dtype, "int32") : names[0]!;
    const [, places] = graph.addAll("TopK", [x, graph.sizes([shape[dim]!])], { axis: dim, largest: descending, sorted: 1 }, 2); // prettier-ignore
    return graph.cast(places!, "int32", elementCode.int32);
  },
  iota: (graph, { shape }) => {
    const end = graph.add("Squeeze", [graph.sizes([shape[0]!]), graph.ints([0])]);
    const places = graph.add("Range", [graph.ints([0], []), end, graph.ints([1], [])]);
    return graph.cast(places, "int32", elementCode.int32);
  },
  uniform: (_, value) => value.refuse("it draws random numbers: what should it give?"),
  recur: (_, value) =>
    value.refuse("only RNN, LSTM and GRU layers without a projection, on batches, have a counterpart"),
};
