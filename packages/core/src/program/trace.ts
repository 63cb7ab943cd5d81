import type { TypedArray } from "../dtype.js";
import { TraceError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { conceal, newestNode, type Node, observe, TRACED } from "./node.js";

/** What the host does in a traced call, in the order it did it; a replay does it again. */
export type HostStep =
  | {
      readonly kind: "number";
      readonly nodes: readonly Node[];
      readonly read: () => readonly number[] | number;
      readonly undo?: () => void;
    }
  | { readonly kind: "draw"; readonly node: Node; readonly data: TypedArray; readonly fill: () => void }
  | { readonly kind: "guard"; readonly read: () => unknown; readonly value: unknown }
  | { readonly kind: "effect"; readonly run: () => void; readonly undo: () => void };

/** What a traced call has done with the `.grad` of a tensor. */
interface GradientUse {
  readonly before: Tensor | null;
  /** It was looked at before it was set: what it is decides what is recorded. */
  readonly read: boolean;
}

/** Takes note of a call of a compiled function while it is recorded: what it reads, what it changes, what the host does. */
export class Trace {
  /** Nodes up to this one are from outside. */
  readonly start: number = newestNode();
  readonly steps: HostStep[] = [];
  readonly recorded: Node[] = [];
  /** Values from outside, and the tensor that each was read from. */
  readonly holders: Map<Node, Tensor> = new Map();
  /** Tensors that were given another value, and the Nodes that they stood for before. */
  readonly moved: Map<Tensor, Node> = new Map();
  /** Those among them that own their memory. */
  readonly variables: Set<Tensor> = new Set();
  readonly gradients: Map<Tensor, GradientUse> = new Map();
  /** Gradients from before the call, and whose they are. */
  readonly owners: Map<Tensor, Tensor> = new Map();
  /** Saves what random streams stand at, and gives what takes them back. */
  readonly streams: Map<object, () => () => void> = new Map();
  /** The host took part in a way that cannot be repeated: the next call is traced again. */
  once = false;
  /** The first error that the traced function was given, also if it has caught it. */
  failure: Error | null = null;
  private readonly undos: (() => void)[] = [];

  /** Tensors were read. */
  see(tensors: readonly Tensor[]): void {
    for (const tensor of tensors) {
      const { node } = tensor;
      if (node.id <= this.start && !this.holders.has(node)) this.holders.set(node, tensor);
    }
  }

  /** A tensor is about to stand for another value. */
  move(tensor: Tensor, variable = false): void {
    if (variable) this.variables.add(tensor);
    if (!this.moved.has(tensor)) this.moved.set(tensor, tensor.node);
    this.see([tensor]);
  }

  /** A tensor's `.grad` is looked at or, if not `read`, set. */
  useGradient(owner: Tensor, before: Tensor | null, read: boolean): void {
    if (this.gradients.has(owner)) return;
    this.gradients.set(owner, { before, read });
    if (before === null) return;
    this.owners.set(before, owner);
    this.holders.set(before.node, before); // which a replay may have left to be made only now
  }

  /** Whether a tensor outlives the call: it was there before, or is a variable. */
  survives(tensor: Tensor): boolean {
    return this.variables.has(tensor) || (this.moved.get(tensor) ?? tensor.node).id <= this.start;
  }

  /** Throws for a backward pass that leaves what the call has recorded: a replay would not find that graph again. */
  checkGraph(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (node.id > this.start || (node.parents.length === 0 && !node.freed)) continue;
      this.refuse(
        new TraceError(
          `backward: reaches a graph from outside the compiled function, at a tensor of shape [${node.shape.join(", ")}]`,
          "compute it inside the function, or pass x.detach()",
        ),
      );
    }
  }

  /** A random stream is about to be drawn from: `save` remembers where it stands, and gives what takes it back. */
  watch(stream: object, save: () => () => void): void {
    if (this.streams.has(stream)) return;
    this.streams.set(stream, save);
    this.undos.push(save());
  }

  /** What takes a change of the host back if the call fails. */
  onFailure(undo: () => void): void {
    this.undos.push(undo);
  }

  /** Refuses what a traced function cannot do, for good: also if the error is caught. */
  refuse(error: Error): never {
    this.failure ??= error;
    throw error;
  }

  /** Takes everything back that the call has changed. */
  rollBack(): void {
    for (const undo of this.undos.reverse()) undo();
    for (const [tensor, node] of this.moved) tensor.node = node;
    for (const [tensor, { before }] of this.gradients) {
      if (before === null) tensor.grad = null;
      else tensor.storeGrad(before); // which shows it to nobody
    }
    this.close(new Set());
  }

  /** Ends the life of all Nodes that do not survive: whoever holds one learns that when reading it. */
  close(surviving: ReadonlySet<Node>): void {
    for (const node of this.recorded) {
      if (surviving.has(node)) continue;
      conceal(node);
      node.overwrites = null;
      node.overwrittenBy = TRACED;
      node.srcs = node.parents = [];
      node.variable = node.backward = null;
    }
  }
}

/** The call that is being traced, or null: then nothing here costs anything. */
export let trace: Trace | null = null;

/** Whether a compiled function is being traced. */
export const isTracing = (): boolean => trace !== null;

/** Runs `fn` as the call that `next` takes note of. */
export function traced<T>(next: Trace, fn: () => T): T {
  trace = next;
  observe((node) => next.recorded.push(node));
  try {
    return fn();
  } finally {
    trace = null;
    observe(null);
  }
}

/** Throws while a compiled function is traced: `where` is about to read a value, and there is none yet. */
export function refuseReading(where: string): void {
  trace?.refuse(
    new TraceError(
      `${where}: a compiled function cannot read a value or branch on one: it is recorded once and run again with other values`,
      "choose with where(condition, a, b); or return the tensor and read it outside; or leave this part out of compile",
    ),
  );
}

let structure = 0;

/** Counts changes of what code looks like rather than what it computes with: every trace from before is out of date. */
export const structureVersion = (): number => structure;

/** Says that compiled functions must be traced again: a hook, a group of parameters, another dtype of a module. */
export function changeStructure(): void {
  structure++;
}

/**
 * Reads something that decides what is recorded (a mode, a flag). A compiled function looks again at each call, and is
 * traced again if it differs.
 */
export function guard<T>(read: () => T): T {
  const value = read();
  trace?.steps.push({ kind: "guard", read, value });
  return value;
}

/** Changes something on the host (a step count) now, and again at each call of the compiled function that does it. */
export function everyRun(run: () => void, undo: () => void): void {
  run();
  if (trace === null) return;
  trace.steps.push({ kind: "effect", run, undo });
  trace.onFailure(undo);
}

/** Says how to take a change of the host back that a traced call has made, should it fail. */
export function onTraceFailure(undo: () => void): void {
  trace?.onFailure(undo);
}

/** Says that the call being traced depends on the host in a way that no replay can repeat. */
export function traceOnce(): void {
  if (trace !== null) trace.once = true;
}
