import type { DType } from "@downhill/core";
import type { PrimitiveName, Program, ProgramNode } from "@downhill/core/engine";

/** What gives elements as memory has them. */
const moving: ReadonlySet<string> = new Set<PrimitiveName | "buffer">([
  "buffer",
  "copy",
  "reshape",
  "permute",
  "expand",
  "flip",
  "slice",
  "unslice",
  "windows",
  "cat",
  "gather",
]);

/**
 * Rewrites a Program so that float16 is only what lies in memory, two to a word: values are converted where they are read,
 * computed with in float32, and rounded. Matrix products read float16 themselves. Run-time numbers keep float32's digits.
 */
export function packHalves(program: Program): Program {
  if (!program.nodes.some(({ dtype }) => dtype === "float16")) return program;
  const nodes: ProgramNode[] = [];
  const places: number[] = [];
  const put = (op: ProgramNode["op"], dtype: DType, src: number): number =>
    nodes.push({ op, dtype, shape: nodes[src]!.shape, attrs: [], srcs: [src] }) - 1;
  // One for each reader, so that it is the float16 that is stored if anything is.
  const widened = (src: number): number => (nodes[src]!.dtype === "float16" ? put("cast", "float32", src) : src);
  for (const node of program.nodes) {
    const { op, dtype: given } = node;
    const srcs = node.srcs.map((src) => places[src]!);
    const moves = moving.has(op) && (srcs.length === 0 || nodes[srcs[0]!]!.op !== "scalar");
    const operands = moves || op === "matmul" ? srcs : srcs.map(widened);
    const isComputed = given === "float16" && !moves;
    const dtype = isComputed ? "float32" : given;
    // To and from float16 nothing is left to convert.
    const isCast = op === "cast" && nodes[operands[0]!]!.dtype !== dtype;
    let place = nodes.push({ ...node, op: op === "cast" && !isCast ? "copy" : op, dtype, srcs: operands }) - 1;
    if (isComputed && op !== "scalar") place = put("cast", "float16", put("half", "float32", place));
    places.push(place);
  }
  return {
    nodes,
    inputs: program.inputs.map((place) => places[place]!),
    scalars: program.scalars.map((place) => places[place]!),
    outputs: program.outputs.map(({ node, overwrites }) => ({ node: places[node]!, overwrites })),
  };
}
