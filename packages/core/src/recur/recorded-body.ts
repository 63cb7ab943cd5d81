import type { Buffer } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import { bytesOf, type DType, isFloat } from "../dtype.js";
import { ValueError } from "../errors.js";
import { bufferNode, type Node } from "../program/node.js";
import { Draft, type Program, type ProgramNode } from "../program/program.js";
import { type Shape, sizeOf } from "../shape.js";
import { apply, COPY, Tensor } from "../tensor.js";

/** The shape and dtype of a value. */
export interface Form {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Memory that nobody reads: a body is recorded, not run. */
class Blank implements Buffer {
  constructor(readonly byteLength: number) {}
}

/** Makes a tensor that stands for an argument of a body. */
export const blank = ({ shape, dtype }: Form, device: Device): Tensor =>
  new Tensor(bufferNode(new Blank(sizeOf(shape) * bytesOf(dtype)), shape, dtype, device));

/** Makes recorded Nodes arguments of another body, which is recorded up to them. */
export function cutAt(nodes: Iterable<Node>): void {
  for (const node of nodes) node.buffer = new Blank(node.byteLength);
}

/** Where a value of each turn is found: it is what carry `k` becomes, or stack `k`, which has a row for each turn. */
export interface Found {
  readonly in: "carry" | "stack";
  readonly k: number;
}

/** A body as a Program. */
export interface RecordedBody {
  readonly program: Program;
  readonly signature: Int32Array;
  /** Which argument each of the Program's inputs is. */
  readonly inputs: readonly number[];
  /** The Program's run-time numbers. */
  readonly numbers: readonly { readonly value: number; readonly dtype: DType }[];
  /** For each carry, the output of the Program that it becomes, and its form. */
  readonly carries: readonly number[];
  readonly carryForms: readonly Form[];
  /** The same for each stack. */
  readonly stacks: readonly number[];
  readonly stackForms: readonly Form[];
  /** Where the values are that were asked for beside the carries. */
  readonly found: readonly Found[];
}

/** What cannot be run with a moving address, or would be the same in every turn. */
const refused: Readonly<Record<string, string>> = {
  gather: "reads by index",
  scatter: "writes by index",
  uniform: "draws random numbers",
};

function check({ op, dtype }: ProgramNode): void {
  const divides = (op === "floorDivide" || op === "remainder" || op === "fmod") && !isFloat(dtype);
  const what = divides ? "divides integers" : refused[op];
  if (what !== undefined)
    throw new ValueError(`recur: the body ${what}`, "do that for all turns before, and pass the result among `x`");
}

/** Makes a Program of what a body has recorded: of the carries' new values, and of others that are kept of each turn. */
export function recordedBody(
  args: readonly Tensor[],
  carry: readonly Tensor[],
  others: readonly Tensor[],
): RecordedBody {
  const places = new Map<Node, Found>();
  // An argument that is passed on is a value of its own.
  const ownNode = (value: Tensor): Node =>
    value.node.isLeaf ? apply(COPY, [value], [], value.shape, value.dtype).node : value.node;
  const carried = carry.map((value, k) => {
    const node = places.has(value.node) ? apply(COPY, [value], [], value.shape, value.dtype).node : ownNode(value);
    places.set(node, { in: "carry", k });
    return node;
  });
  const stacked: Node[] = [];
  const found = others.map((value): Found => {
    const known = places.get(value.node);
    if (known !== undefined) return known;
    const place: Found = { in: "stack", k: stacked.push(ownNode(value)) - 1 };
    places.set(value.node, place);
    return place;
  });
  const draft = new Draft();
  for (const node of [...carried, ...stacked]) node.visible = true;
  for (const node of [...carried, ...stacked]) draft.add(node);
  const program = draft.program();
  program.nodes.forEach(check);
  const output = new Map(draft.outputs.map((node, k) => [node, k]));
  const argument = new Map(args.map((arg, k) => [arg.node, k]));
  const inputs = draft.inputs.map((node) => {
    const place = argument.get(node);
    if (place === undefined)
      throw new ValueError("recur: the body uses a tensor that is none of its arguments", "pass it among `constants`");
    return place;
  });
  const form = ({ shape, dtype }: Node): Form => ({ shape, dtype });
  return {
    program,
    signature: draft.signature.slice(0, draft.length),
    inputs,
    numbers: draft.scalars.map((value, k) => ({ value, dtype: program.nodes[program.scalars[k]!]!.dtype })),
    carries: carried.map((node) => output.get(node)!),
    carryForms: carried.map(form),
    stacks: stacked.map((node) => output.get(node)!),
    stackForms: stacked.map(form),
    found,
  };
}
