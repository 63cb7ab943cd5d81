import { isFloat } from "@downhill/core/engine";
import type { BinaryName, UnaryName } from "@downhill/core/engine";
import type { GraphBuilder } from "./graph-builder.js";
import { as, type RecordedValue, type WriteOp } from "./recorded-value.js";

/** An op that ONNX has under a name. */
const named =
  (type: string): WriteOp =>
  (graph, { names }) =>
    graph.add(type, names);

const one = (graph: GraphBuilder, { node }: RecordedValue): string => graph.number(1, node.dtype);

/** log x / log base. */
const logarithm =
  (base: number): WriteOp =>
  (graph, { names, node }) =>
    graph.add("Mul", [graph.add("Log", names), graph.number(1 / Math.log(base), node.dtype)]);

/** Compares numbers; bools as 0 and 1. */
const compared =
  (type: string): WriteOp =>
  (graph, { names, sources }) => {
    const { dtype } = sources[0]!.node;
    return graph.add(type, dtype === "bool" || dtype === "uint8" ? names.map((name) => as(graph, name, dtype, "int32")) : names); // prettier-ignore
  };

/** Of bools, or of the bits of integers. */
const bitwise =
  (logical: string, ofBits: string): WriteOp =>
  (graph, { names, node }) =>
    graph.add(node.dtype === "bool" ? logical : ofBits, names);

/** ⌊x / y⌋ */
const floored: WriteOp = (graph, { names, node: { dtype } }) => {
  if (isFloat(dtype)) return graph.add("Floor", [graph.add("Div", names)]);
  const wide = names.map((name) => as(graph, name, dtype, "float64"));
  return as(graph, graph.add("Floor", [graph.add("Div", wide)]), "float64", dtype);
};

export const elementwiseOps: Readonly<Record<UnaryName | BinaryName, WriteOp>> = {
  copy: (_, { names }) => names[0]!,
  cast: (graph, { names, node, sources }) => as(graph, names[0]!, sources[0]!.node.dtype, node.dtype),
  neg: named("Neg"),
  abs: named("Abs"),
  sign: named("Sign"),
  exp: named("Exp"),
  expm1: (graph, value) => graph.add("Sub", [graph.add("Exp", value.names), one(graph, value)]),
  log: named("Log"),
  log2: logarithm(2),
  log10: logarithm(10),
  log1p: (graph, value) => graph.add("Log", [graph.add("Add", [value.names[0]!, one(graph, value)])]),
  sqrt: named("Sqrt"),
  reciprocal: named("Reciprocal"),
  sin: named("Sin"),
  cos: named("Cos"),
  tan: named("Tan"),
  asin: named("Asin"),
  acos: named("Acos"),
  atan: named("Atan"),
  sinh: named("Sinh"),
  cosh: named("Cosh"),
  tanh: named("Tanh"),
  asinh: named("Asinh"),
  acosh: named("Acosh"),
  atanh: named("Atanh"),
  erf: named("Erf"),
  erfc: (graph, value) => graph.add("Sub", [one(graph, value), graph.add("Erf", value.names)]),
  floor: named("Floor"),
  ceil: named("Ceil"),
  round: named("Round"), // halves to even, here and there
  trunc: (graph, { names }) =>
    graph.add("Mul", [graph.add("Sign", names), graph.add("Floor", [graph.add("Abs", names)])]),
  half: (graph, { names, node }) => as(graph, as(graph, names[0]!, "float32", "float16"), "float16", node.dtype),
  logicalNot: (graph, { names, sources }) => graph.add("Not", [as(graph, names[0]!, sources[0]!.node.dtype, "bool")]),
  add: named("Add"),
  sub: named("Sub"),
  mul: named("Mul"),
  div: named("Div"),
  floorDivide: floored,
  remainder: (graph, value) => {
    if (!isFloat(value.node.dtype)) return graph.add("Mod", value.names);
    const [x, y] = value.names as [string, string];
    return graph.add("Sub", [x, graph.add("Mul", [floored(graph, value), y])]);
  },
  fmod: (graph, { names }) => graph.add("Mod", names, { fmod: 1 }),
  pow: named("Pow"),
  maximum: named("Max"),
  minimum: named("Min"),
  atan2: (_, value) => value.refuse("ONNX has none"),
  eq: named("Equal"),
  ne: (graph, { names }) => graph.add("Not", [graph.add("Equal", names)]),
  lt: compared("Less"),
  le: compared("LessOrEqual"),
  and: bitwise("And", "BitwiseAnd"),
  or: bitwise("Or", "BitwiseOr"),
  xor: bitwise("Xor", "BitwiseXor"),
};
