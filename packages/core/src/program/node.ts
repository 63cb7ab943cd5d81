import type { Buffer } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import { bytesOf, type DType } from "../dtype.js";
import { DeviceError, VersionError } from "../errors.js";
import { type Shape, sizeOf } from "../shape.js";
import { isInside } from "./scope.js";
import { stackNow } from "./stack-now.js";
import type { PrimitiveName } from "./vocabulary.js";

/** A named operation, as Nodes refer to it. `Rule` is how autograd differentiates it; the engine never looks inside. */
export interface Op<Rule = unknown> {
  readonly name: PrimitiveName | "buffer" | "scalar";
  /** The primitive as a small number. */
  readonly code: number;
  /** One gradient rule per input; null where mathematics has none. */
  readonly rules: readonly (Rule | null)[] | null;
  /** Whether it shows the elements of its first source in other places. */
  readonly isView: boolean;
}

const views: ReadonlySet<string> = new Set<PrimitiveName>(["reshape", "permute", "expand", "slice", "windows"]);

const names: string[] = [];

/** Names an op for Nodes. Called once per primitive, by the file that defines it. */
export function defineOp<Rule>(name: Op["name"], rules: readonly (Rule | null)[] | null): Op<Rule> {
  // Ops of one primitive with different rules are the same to a Program.
  const code = names.includes(name) ? names.indexOf(name) : names.push(name) - 1;
  return { name, code, rules, isView: views.has(name) };
}

const BUFFER = defineOp("buffer", null);
const SCALAR = defineOp("scalar", null);
const NONE: readonly never[] = [];

let ids = 0;

let marks = 0;

/** A fresh mark for a walk over Nodes: those that carry it have been met. */
export const nextMark = (): number => ++marks;

/** The newest walk: as long as it is yours, nobody else has marked or numbered Nodes. */
export const newestMark = (): number => marks;

/** The newest Node's id: every Node recorded from now on has a larger one. */
export const newestNode = (): number => ids;

/** How a Node differentiates if not by its op's rules: a custom function, one of its outputs, a closed form. */
export interface Backward {
  readonly kind: "function" | "output" | "closedForm";
}

/** A stretch of the forward pass that `checkpoint` records again in backward; `outer` is the one around it. */
export interface Segment {
  readonly outer: Segment | null;
}

let current: Segment | null = null;

/** Says which Segment the Nodes recorded from now on belong to, and returns the one before. */
export function enterSegment(segment: Segment | null): Segment | null {
  const before = current;
  current = segment;
  return before;
}

let observer: ((node: Node) => void) | null = null;

/** Has every Node told to `watch` as it is recorded: anomaly mode remembers where that was. */
export function observe(watch: ((node: Node) => void) | null): void {
  observer = watch;
}

/** Where Nodes were recorded; null as long as nobody asks. */
let origins: WeakMap<Node, Error> | null = null;

/** Has it remembered from now on where Nodes are recorded, so that their Buffers can tell. */
export function rememberOrigins(): void {
  origins ??= new WeakMap();
}

/** Where a Node was recorded: an error with the stack of that moment. */
export const recordedAt = (node: Node): Error | undefined => origins?.get(node);

/** Who is told a gradient: a leaf's tensor, or one that has hooks or keeps its gradient. */
export interface Variable {
  readonly isVariable: true;
}

/**
 * An Op applied but not computed yet, or a computed Buffer. A Node is a value and never changes its meaning; a Tensor
 * points at one. `srcs` is the recipe, dropped once there is a Buffer; `parents` is what autograd walks, dropped when
 * the graph is freed. Ids grow as Nodes are recorded, so descending ids are a topological order.
 */
export class Node {
  readonly id: number = ++ids;
  readonly op: Op;
  srcs: readonly Node[];
  /** The op's structural arguments, as integers; of a `scalar` Node, its run-time number. */
  readonly attrs: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  buffer: Buffer | null;
  /** Who overwrote the Buffer; null while the value stands. */
  overwrittenBy: string | null = null;
  /** The caller's code can read it, so the flush that computes it returns it. */
  visible = false;
  /** The Node whose Buffer this one's value is written into. */
  overwrites: Node | null = null;
  /** A view only of what the composite that returned it had made itself: nobody else holds that. */
  isOwn = false;

  requiresGrad = false;
  parents: readonly Node[] = NONE;
  /** Takes the place of the op's rules. */
  backward: Backward | null = null;
  /** The checkpoint that recomputes this value; null where it is kept. */
  segment: Segment | null = current;
  freed = false;
  variable: Variable | null = null;

  /** Marks of the walk in progress: which walk, and the place in its Program. */
  mark = 0;
  slot = 0;

  constructor(
    op: Op,
    srcs: readonly Node[],
    attrs: readonly number[],
    shape: Shape,
    dtype: DType,
    device: Device,
    buffer: Buffer | null,
  ) {
    this.op = op;
    this.srcs = srcs;
    this.attrs = attrs;
    this.shape = shape;
    this.dtype = dtype;
    this.device = device;
    this.buffer = buffer;
  }

  get isScalar(): boolean {
    return this.op === SCALAR;
  }

  /** Nothing to compute: a Buffer (perhaps an overwritten one) or a run-time number. */
  get isLeaf(): boolean {
    return this.buffer !== null || this.op === SCALAR || this.overwrittenBy !== null;
  }

  get byteLength(): number {
    return sizeOf(this.shape) * bytesOf(this.dtype);
  }
}

/** Makes a Node of values that exist already. */
export function bufferNode(buffer: Buffer, shape: Shape, dtype: DType, device: Device): Node {
  const node = new Node(BUFFER, NONE, NONE, shape, dtype, device, buffer);
  node.visible = true;
  return node;
}

/** Makes a 0-d Node of a number that is passed at run time: another number is the same Program. */
export function scalarNode(value: number, dtype: DType, device: Device): Node {
  return new Node(SCALAR, NONE, [value], NONE, dtype, device, null);
}

/** Records an Op applied to Nodes. Shapes and dtypes have been checked by the op. */
export function record(op: Op, srcs: readonly Node[], attrs: readonly number[], shape: Shape, dtype: DType): Node {
  let device: Device | undefined;
  for (let i = 0; i < srcs.length; i++) {
    const src = srcs[i]!;
    if (src.overwrittenBy !== null) throw overwrittenError(op.name, src);
    if (src.op === SCALAR) continue;
    if (device === undefined) device = src.device;
    else if (device !== src.device) throw devicesError(op, device, src.device);
  }
  return place(new Node(op, srcs, attrs, shape, dtype, device ?? srcs[0]!.device, null));
}

function devicesError(op: Op, a: Device, b: Device): DeviceError {
  return new DeviceError(`${op.name}: tensors of two devices, ${a.name} and ${b.name}`, "move one with x.to(device)");
}

/** Records an Op without inputs. */
export function recordSource(op: Op, attrs: readonly number[], shape: Shape, dtype: DType, device: Device): Node {
  return place(new Node(op, NONE, attrs, shape, dtype, device, null));
}

function place(node: Node): Node {
  if (!isInside()) expose(node);
  if (observer !== null) observer(node);
  if (origins !== null) origins.set(node, stackNow());
  return node;
}

/** Makes a Node's value readable by the caller's code: the flush that computes it returns it. */
export function expose(node: Node): void {
  if (node.visible || node.op === SCALAR) return;
  node.visible = true;
  if (node.buffer === null) {
    node.device.pending.push(node);
    node.device.pendingBytes += node.byteLength;
  }
}

/** Takes a value that cannot be computed off the pending list; reading it puts it back, and throws again. */
export function conceal(node: Node): void {
  if (!node.visible || node.buffer !== null) return;
  node.visible = false;
  const { device } = node;
  const at = device.pending.lastIndexOf(node);
  if (at < 0) return;
  device.pending.splice(at, 1);
  device.pendingBytes -= node.byteLength;
}

/** What `overwrittenBy` of Nodes says that belonged to a traced call of a compiled function. */
export const TRACED = "the end of a compiled function";

export function overwrittenError(where: string, node: Node): VersionError {
  if (node.overwrittenBy === TRACED) {
    return new VersionError(
      `${where}: a value of shape [${node.shape.join(", ")}] was made inside a compiled function that did not return it`,
      "return it from the function, beside the loss",
    );
  }
  return new VersionError(
    `${where}: a value of shape [${node.shape.join(", ")}] that it needs was overwritten by ${node.overwrittenBy ?? "an update"}`,
    "read it before the update, keep a copy with clone(), or call keep(x) in forward() on what you want to look at later",
  );
}
