import type { Buffer, Executable } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import type { TypedArray, DType } from "../dtype.js";
import type { Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { bufferOf } from "./argument-pattern.js";
import { flushAll } from "./flush.js";
import { Later } from "./later.js";
import { newestNode, nextMark, Node, type Op } from "./node.js";
import { runWatch } from "./run-watch.js";

const NONE: readonly never[] = [];

/** A tensor that a call works on: an argument, by its place, or one that the function has captured. */
export type Subject = Tensor | number;

/** Where an input of the Program comes from; constants stand in `buffers` already. */
export interface Source {
  readonly place: number;
  readonly tensor: Subject;
  /** It is the tensor's `.grad`. */
  readonly ofGradient: boolean;
  readonly requiresGrad: boolean;
}

/** What the host does at each call, in the order of the traced call. */
export type ReplayStep =
  | {
      readonly kind: "number";
      readonly read: () => readonly number[] | number;
      /** Places among the Program's scalars, -1 for a number that nothing needs. */
      readonly places: readonly number[];
      readonly undo: (() => void) | null;
    }
  | { readonly kind: "draw"; readonly fill: () => void; readonly data: TypedArray; readonly buffer: Buffer }
  | { readonly kind: "guard"; readonly read: () => unknown; readonly value: unknown }
  | { readonly kind: "effect"; readonly run: () => void; readonly undo: () => void };

/** A value that the Program returns, as the Node that it becomes. */
export interface Output {
  readonly op: Op;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  /** It had a graph, which no replay records. */
  readonly freed: boolean;
}

/** A tensor that stands for another value after the call. */
export interface Update {
  readonly output: number;
  readonly tensor: Subject;
  /** Written into the memory that the tensor had. */
  readonly inPlace: boolean;
}

/** A tensor that each call makes. */
export interface Made {
  readonly output: number;
  readonly isGradient: boolean;
}

/** What becomes of a tensor's `.grad`: null, one of the tensors made, or one that was there. */
export interface GradientUpdate {
  readonly owner: Subject;
  readonly value: Shown | null;
}

/** A result, or a part of one. */
export type Shown =
  | { readonly kind: "made" | "argument"; readonly at: number }
  | { readonly kind: "same"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly Shown[] }
  | { readonly kind: "record"; readonly names: readonly string[]; readonly items: readonly Shown[] };

/** Everything that a call of a compiled function does, as its trace has found it. */
export interface Recipe {
  readonly device: Device;
  readonly executable: Executable | null;
  readonly buffers: Buffer[];
  readonly scalars: number[];
  readonly sources: readonly Source[];
  readonly gradientGuards: readonly { readonly owner: Subject; readonly present: boolean }[];
  readonly steps: readonly ReplayStep[];
  /** Saves where the random streams stand that the host draws from. */
  readonly streams: readonly (() => () => void)[];
  readonly outputs: readonly Output[];
  readonly updates: readonly Update[];
  readonly made: readonly Made[];
  readonly gradients: readonly GradientUpdate[];
  readonly result: Shown;
}

/** The call does not fit the trace after all. */
export const MISS: unique symbol = Symbol("miss");

/** Puts a result together. */
export function build(shown: Shown, made: readonly Tensor[], args: readonly Tensor[]): unknown {
  switch (shown.kind) {
    case "made":
      return made[shown.at];
    case "argument":
      return args[shown.at];
    case "same":
      return shown.value;
    case "list":
      return shown.items.map((item) => build(item, made, args));
    case "record":
      return Object.fromEntries(shown.names.map((name, i) => [name, build(shown.items[i]!, made, args)]));
  }
}

/** Does what a traced call did, with other values. Records nothing. */
export class Replay {
  /** The newest Node after the last run: while it is, nobody can have read the Nodes of the variables. */
  private seal = -1;
  /** Whether variables keep their Nodes while `seal` holds. */
  private readonly sealable: boolean;
  private readonly inPlace: readonly Update[];
  /** Tensors that nothing but one `.grad` shows: they are made when it is read. */
  private readonly isLater: readonly boolean[];

  constructor(private readonly recipe: Recipe) {
    const uses = recipe.made.map(() => 0);
    const outputs = recipe.outputs.map(() => 0);
    const count = (shown: Shown | null): void => {
      if (shown?.kind === "made") uses[shown.at]!++;
      if (shown?.kind === "list" || shown?.kind === "record") shown.items.forEach(count);
    };
    count(recipe.result);
    for (const { value } of recipe.gradients) count(value);
    for (const { output } of [...recipe.made, ...recipe.updates]) outputs[output]!++;
    this.isLater = recipe.made.map(
      ({ output }, at) =>
        uses[at] === 1 &&
        outputs[output] === 1 &&
        recipe.gradients.some(({ value }) => value?.kind === "made" && value.at === at),
    );
    this.inPlace = recipe.updates.filter((update) => update.inPlace);
    this.sealable = this.inPlace.every(({ tensor }) => typeof tensor !== "number");
  }

  /** Runs with the tensors among the arguments, or gives MISS, and has changed nothing. */
  run(args: readonly Tensor[]): unknown {
    const { recipe } = this;
    const { executable, buffers, scalars, steps } = recipe;
    if (!this.gather(args)) return MISS;
    const undos = recipe.streams.length === 0 ? NONE : recipe.streams.map((save) => save());
    const done = this.host();
    if (done < steps.length) {
      this.undo(done, undos);
      return MISS;
    }
    if (executable === null) return this.finish(args, []);
    let results: readonly Buffer[];
    try {
      if (this.inPlace.length > 0 && recipe.device.pending.length > 0) this.letReadersGoFirst(args);
      results = executable.run(buffers, scalars);
      if (runWatch !== null) runWatch(recipe.device, executable, true);
    } catch (error) {
      this.undo(done, undos);
      throw error;
    }
    return this.finish(args, results);
  }

  /** Fills in the Buffers of this call; tells whether everything is of the kind that was traced. */
  private gather(args: readonly Tensor[]): boolean {
    const { sources, buffers, gradientGuards } = this.recipe;
    for (let i = 0; i < gradientGuards.length; i++) {
      const { owner, present } = gradientGuards[i]!;
      if (subject(owner, args).hasGrad !== present) return false;
    }
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      let tensor = subject(source.tensor, args);
      if (source.ofGradient) {
        const { grad } = tensor;
        if (grad?.dtype !== tensor.dtype) return false;
        tensor = grad;
      }
      const { node } = tensor;
      if (node.requiresGrad !== source.requiresGrad && typeof source.tensor !== "number") return false;
      buffers[source.place] = node.buffer ?? bufferOf(tensor);
    }
    return !this.overlaps(args);
  }

  /** Whether an argument lies in memory that the call writes into. */
  private overlaps(args: readonly Tensor[]): boolean {
    for (let i = 0; i < args.length; i++) {
      const { buffer } = args[i]!.node;
      for (let k = 0; k < this.inPlace.length; k++) {
        const { tensor } = this.inPlace[k]!;
        if (tensor !== i && subject(tensor, args).node.buffer === buffer) return true;
      }
    }
    return false;
  }

  /** Does the host's part, and tells how many steps of it: not all, if a guard does not hold. */
  private host(): number {
    const { steps, scalars, device } = this.recipe;
    let done = 0;
    try {
      for (; done < steps.length; done++) {
        const step = steps[done]!;
        switch (step.kind) {
          case "number": {
            const value = step.read();
            if (typeof value === "number") {
              if (step.places[0]! >= 0) scalars[step.places[0]!] = value;
            } else
              for (let k = 0; k < value.length; k++) if (step.places[k]! >= 0) scalars[step.places[k]!] = value[k]!;
            break;
          }
          case "guard":
            if (!Object.is(step.read(), step.value)) return done;
            break;
          case "effect":
            step.run();
            break;
          case "draw":
            step.fill();
            device.backend.write(step.buffer, step.data);
        }
      }
    } catch (error) {
      this.undo(done, []);
      throw error;
    }
    return done;
  }

  /** Takes back what the host has done in this call. */
  private undo(done: number, streams: readonly (() => void)[]): void {
    const { steps } = this.recipe;
    while (done-- > 0) {
      const step = steps[done]!;
      if (step.kind === "effect" || step.kind === "number") step.undo?.();
    }
    for (const restore of streams) restore();
  }

  /** Computes what is pending if any of it reads what this call will overwrite. */
  private letReadersGoFirst(args: readonly Tensor[]): void {
    const { device } = this.recipe;
    const doomed = nextMark();
    for (const { tensor } of this.inPlace) subject(tensor, args).node.mark = doomed;
    const met = nextMark();
    const stack: Node[] = device.pending.slice();
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (node.mark === doomed) {
        flushAll(device);
        return;
      }
      if (node.mark === met) continue;
      node.mark = met;
      if (!node.isLeaf) stack.push(...node.srcs);
      if (node.overwrites !== null) stack.push(node.overwrites);
    }
  }

  /** Gives every tensor its new value, and puts the result together. */
  private finish(args: readonly Tensor[], results: readonly Buffer[]): unknown {
    const { updates, outputs, made: making, gradients, result, device } = this.recipe;
    const nodes = new Array<Node>(outputs.length);
    const unread = newestNode() === this.seal;
    for (let i = 0; i < updates.length; i++) {
      const { output, tensor, inPlace } = updates[i]!;
      if (inPlace && unread) continue;
      const target = subject(tensor, args);
      const node = (nodes[output] ??= nodeOf(outputs[output]!, results[output]!, device));
      if (inPlace) {
        const old = target.node;
        old.buffer = null;
        old.overwrittenBy = "an in-place update (a compiled function's)";
      }
      if (node.requiresGrad && !node.freed) node.variable = target;
      target.node = node;
    }
    const made = new Array<Tensor>(making.length);
    for (let i = 0; i < making.length; i++) {
      if (this.isLater[i]!) continue;
      const { output, isGradient } = making[i]!;
      made[i] = tensorOf((nodes[output] ??= nodeOf(outputs[output]!, results[output]!, device)), isGradient);
    }
    for (let i = 0; i < gradients.length; i++) {
      const { owner, value } = gradients[i]!;
      const target = subject(owner, args);
      if (value?.kind === "made" && this.isLater[value.at]!) {
        const { output } = making[value.at]!;
        target.storeGrad(new LaterGradient(outputs[output]!, results[output]!, device));
      } else target.grad = value && (build(value, made, args) as Tensor);
    }
    if (!unread && this.inPlace.length > 0) device.lastOverwrite = newestNode();
    if (this.sealable) this.seal = newestNode();
    return result.kind === "made" ? made[result.at] : build(result, made, args);
  }
}

function nodeOf({ op, shape, dtype, requiresGrad, freed }: Output, buffer: Buffer, device: Device): Node {
  const node = new Node(op, NONE, NONE, shape, dtype, device, buffer);
  node.visible = true;
  node.requiresGrad = requiresGrad;
  node.freed = freed;
  return node;
}

function tensorOf(node: Node, isGradient: boolean): Tensor {
  const tensor = new Tensor(node);
  tensor.isGradient = isGradient;
  if (node.requiresGrad && !node.freed) node.variable = tensor;
  return tensor;
}

/** A `.grad` that a replay has computed. */
class LaterGradient extends Later {
  constructor(
    private readonly output: Output,
    private readonly buffer: Buffer,
    private readonly device: Device,
  ) {
    super();
  }

  override make(): Tensor {
    return tensorOf(nodeOf(this.output, this.buffer, this.device), true);
  }

  override release(): void {
    this.device.backend.release(this.buffer);
  }
}

const subject = (tensor: Subject, args: readonly Tensor[]): Tensor =>
  typeof tensor === "number" ? args[tensor]! : tensor;
