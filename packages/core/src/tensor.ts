/* eslint-disable max-lines -- the class that users hold, with what makes and finds its Nodes */
import { type DType, isFloat, type TypedArray } from "./dtype.js";
import { type Device, defaultDevice } from "./backend/device.js";
import { checkFlag, checkFunction, GradientError, ShapeError, show } from "./errors.js";
import { formatTensor } from "./format.js";
import { elementOf, type Nested, nest } from "./nest.js";
import { flush } from "./program/flush.js";
import {
  defineOp,
  expose,
  newestNode,
  Node,
  type Op,
  overwrittenError,
  record,
  scalarNode,
  type Variable,
} from "./program/node.js";
import { disposeValue, releaseGradient } from "./program/release.js";
import { relieve } from "./program/relieve.js";
import { enter, isInside, leave } from "./program/scope.js";
import { Later } from "./program/later.js";
import { count, isCasting, precise } from "./precision.js";
import { itemError, jsonError, madeError, noFloatError, noLeafError } from "./tensor-errors.js";
import { changeStructure, refuseReading, trace } from "./program/trace.js";
import { noteOwn } from "./program/views.js";
import { type Shape, sizeOf, text } from "./shape.js";
import { isGradEnabled } from "./autograd/mode.js";
import type { GradientRule } from "./autograd/rule.js";

/** What a gradient hook gets and may return in its place. */
export type Hook = (grad: Tensor) => Tensor | null | undefined | void;

/** Undoes what returned it, such as a hook's registration. */
export interface Removable {
  /** Takes the hook away. */
  remove(): void;
}

/**
 * An array of numbers with a shape, a dtype and a device, that records what is done with it. Nothing is computed until
 * a value is read; shape and dtype are known at once. Make one with `tensor`, `zeros`, `rand` and the like.
 */
export class Tensor implements Variable {
  /** @internal The value that this tensor stands for now. */
  node: Node;
  #grad: Tensor | Later | null = null;
  /** @internal */
  hooks: Hook[] | null = null;
  /** Whether `backward` keeps the gradient of this non-leaf tensor in `.grad`. */
  retainsGrad = false;
  /** @internal A gradient: nobody's view, though an op that makes views may have made it. */
  isGradient = false;
  /** @internal A gradient that the caller's code may hold. */
  isShown = false;

  /** @internal */
  constructor(node: Node) {
    if (!(node instanceof Node)) throw madeError(node);
    this.node = node;
  }

  /** @internal */
  get isVariable(): true {
    return true;
  }

  /** The gradient that `backward` has accumulated here; null before the first. */
  get grad(): Tensor | null {
    const grad = this.peekGrad();
    if (grad !== null) grad.isShown = true;
    return grad;
  }

  set grad(value: Tensor | null) {
    if (trace !== null) trace.useGradient(this, this.#madeGrad(), false);
    else if (value === null) this.#forgetGrad();
    if (value instanceof Tensor) value.isShown = true;
    this.#grad = value;
  }

  /** @internal `.grad` for those who do not keep it: its memory is used again once it is set to null. */
  peekGrad(): Tensor | null {
    if (trace !== null) trace.useGradient(this, this.#madeGrad(), true);
    return this.#madeGrad();
  }

  /** @internal Sets `.grad` to what nobody else holds: a tensor, or one that is made when somebody asks for it. */
  storeGrad(value: Tensor | Later): void {
    if (trace !== null) trace.useGradient(this, this.#madeGrad(), false);
    if (value instanceof Later) this.#forgetGrad();
    this.#grad = value;
  }

  #forgetGrad(): void {
    const grad = this.#grad;
    if (grad instanceof Later) grad.release();
    else if (grad instanceof Tensor && !grad.isShown) releaseGradient(grad.node);
  }

  #madeGrad(): Tensor | null {
    const grad = this.#grad;
    return grad instanceof Later ? (this.#grad = grad.make()) : grad;
  }

  /** @internal `.grad` as far as it is made, without a trace taking note. */
  get madeGrad(): Tensor | null {
    return this.#grad instanceof Tensor ? this.#grad : null;
  }

  /** @internal */
  get hasGrad(): boolean {
    return this.#grad !== null;
  }

  /** Sizes per dim. */
  get shape(): Shape {
    return this.node.shape;
  }

  get dtype(): DType {
    return this.node.dtype;
  }

  get device(): Device {
    return this.node.device;
  }

  /** Number of dims. */
  get ndim(): number {
    return this.node.shape.length;
  }

  /** Whether gradients flow here. May be set on leaves of a float dtype. */
  get requiresGrad(): boolean {
    return this.node.requiresGrad;
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Whether this tensor was made by the caller rather than computed from others that require gradients. */
  get isLeaf(): boolean {
    const { node } = this;
    return !node.requiresGrad || (node.parents.length === 0 && node.backward === null && !node.freed);
  }

  /** Number of elements. */
  numel(): number {
    return sizeOf(this.shape);
  }

  /** Number of dims. Same as torch.Tensor.dim. */
  dim(): number {
    return this.ndim;
  }

  /** All sizes, or one of them. Same as torch.Tensor.size. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    if (dim === undefined) return this.shape;
    const size = Number.isInteger(dim) ? this.shape.at(dim) : undefined;
    if (size === undefined) throw new ShapeError(`size: dim ${show(dim)} is out of range for ${text(this.shape)}`);
    return size;
  }

  /** Asks for gradients, or stops them, and returns this tensor. Only leaves of a float dtype can ask. */
  requiresGrad_(value = true): this {
    checkFlag("requiresGrad", value);
    if (value === this.node.requiresGrad) return this;
    if (value && !isFloat(this.dtype)) throw noFloatError(this.dtype);
    if (!this.isLeaf) throw noLeafError();
    const { node } = this;
    node.requiresGrad = value;
    node.variable = value ? this : null;
    trace?.onFailure(() => {
      node.requiresGrad = !value;
      node.variable = value ? null : this;
    });
    return this;
  }

  /** Keeps the gradient of this non-leaf tensor in `.grad` at the next backward. Same as torch.Tensor.retain_grad. */
  retainGrad(): void {
    if (!this.requiresGrad) throw new GradientError("retainGrad: this tensor does not require gradients");
    if (this.isLeaf) return;
    this.retainsGrad = true;
    this.node.variable = this;
  }

  /**
   * Calls `hook` with this tensor's gradient at each backward; what it returns, if anything, takes the gradient's place.
   * Same as torch.Tensor.register_hook.
   */
  registerHook(hook: Hook): Removable {
    checkFunction("registerHook", hook);
    if (!this.requiresGrad) throw new GradientError("registerHook: this tensor does not require gradients");
    this.node.variable = this;
    const hooks = (this.hooks ??= []);
    hooks.push(hook);
    if (this.isLeaf) changeStructure();
    return {
      remove: () => {
        if (this.isLeaf) changeStructure();
        const at = hooks.indexOf(hook);
        if (at >= 0) hooks.splice(at, 1);
      },
    };
  }

  /** Gives the value at this moment, without gradients. Later updates of this tensor do not change it. */
  detach(): Tensor {
    trace?.see([this]);
    return new Tensor(record(COPY, [this.node], [], this.shape, this.dtype));
  }

  /** Sets `.grad` to null. */
  zeroGrad(): void {
    this.grad = null;
  }

  /**
   * Gives the memory of this tensor's value back now, rather than when the garbage collector finds it; the tensor cannot
   * be used any more. What was recorded from it before is computed first. Also what `using x = …` calls at its end.
   */
  dispose(): void {
    if (trace === null) this.node = disposeValue(this.node); // a compiled function's values are its own: nothing to give back
  }

  /** The same as `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Reads the elements, row-major, as of this call. Steps that follow do not wait for it. */
  data(): Promise<TypedArray> {
    refuseReading("data");
    return this.#values();
  }

  async #values(): Promise<TypedArray> {
    return this.read();
  }

  /** Reads the one element of this tensor as of this call: a number, or a boolean for bool. */
  item<T extends number | boolean = number>(): Promise<T> {
    refuseReading("item");
    const { shape, dtype } = this;
    if (this.numel() !== 1) return Promise.reject(itemError(shape, this.numel()));
    return this.#values().then((data) => elementOf(data[0]!, dtype) as T);
  }

  /** Reads the elements as nested arrays, as of this call. */
  tolist(): Promise<Nested> {
    refuseReading("tolist");
    const { shape, dtype } = this;
    return this.#values().then((data) => nest(data, shape, dtype));
  }

  /** Throws: values are read asynchronously, and JSON.stringify does not wait. Await `tolist()` and write that. */
  toJSON(): never {
    throw jsonError(this.shape);
  }

  /** Formats the values as PyTorch prints them; works on every device. */
  toText(): Promise<string> {
    refuseReading("toText");
    const { shape, dtype } = this;
    return this.#values().then((data) => this.describe(data, shape, dtype));
  }

  /** Formats the values where the device can be read at once (the CPU), else shape and device. */
  toString(): string {
    refuseReading("printing");
    const data = this.read();
    if (data instanceof Promise) {
      data.catch(() => undefined); // its failure shows where the tensor is really used
      return `tensor(shape=${text(this.shape)}, dtype=${this.dtype}, device=${this.device.name})`;
    }
    return this.describe(data, this.shape, this.dtype);
  }

  /** @internal Flushes what this tensor needs and reads it: at once on host devices, else as a Promise. */
  read(where = "read"): TypedArray | Promise<TypedArray> {
    refuseReading(where);
    const { node } = this;
    if (node.overwrittenBy !== null) throw overwrittenError("read", node);
    if (node.isScalar) throw new GradientError("read: a bare number has no buffer");
    expose(node);
    flush([node]);
    return node.device.backend.read(node.buffer!, node.dtype, this.numel());
  }

  private describe(data: TypedArray, shape: Shape, dtype: DType): string {
    const { name } = this.node.op;
    const gradFn = name[0]!.toUpperCase() + name.slice(1);
    return formatTensor(data, shape, dtype, this.isLeaf ? { requiresGrad: this.requiresGrad } : { gradFn });
  }
}

type Rules = Op<GradientRule>;
type Integers = readonly number[];

/** The identity: a value of its own, which later updates of its source do not change. */
export const COPY: Op<GradientRule> = defineOp<GradientRule>("copy", [({ grad }) => grad]);

/**
 * Records a primitive applied to tensors whose shapes and dtypes the op has checked, and its place in the autograd
 * graph. Every op ends here, or in `applyToOne` and `applyToTwo`.
 */
export function apply(op: Rules, inputs: readonly Tensor[], attrs: Integers, shape: Shape, dtype: DType): Tensor {
  if (trace !== null) trace.see(inputs);
  const srcs = new Array<Node>(inputs.length);
  for (let i = 0; i < inputs.length; i++) srcs[i] = inputs[i]!.node;
  return derive(op, srcs, attrs, shape, dtype);
}

/** @internal `apply` to Nodes; a trace has seen whose they are. */
export function derive(op: Rules, srcs: readonly Node[], attrs: Integers, shape: Shape, dtype: DType): Tensor {
  const node = record(op, srcs, attrs, shape, dtype);
  if (op.rules !== null && isGradEnabled() && isFloat(dtype)) {
    for (let i = 0; i < srcs.length; i++) {
      if (srcs[i]!.requiresGrad && ruleOf(op, i) !== null) {
        node.requiresGrad = true;
        node.parents = srcs;
        break;
      }
    }
  }
  if (!isInside()) relieve(node);
  return new Tensor(node);
}

/** The gradient rule for input `index`; ops with any number of inputs have one rule for all. */
export function ruleOf(op: Op<GradientRule>, index: number): GradientRule | null {
  const { rules } = op;
  return rules === null ? null : (rules[index < rules.length ? index : rules.length - 1] ?? null);
}

/**
 * Makes a 0-d operand of a number that is passed at run time: another number is the same Program. A function is called
 * for the number; a compiled function calls it again at each replay.
 */
export function scalar(
  number: number | boolean | (() => number),
  dtype: DType,
  device: Device = defaultDevice(),
): Tensor {
  return typeof number === "function"
    ? hostScalar(number, dtype, device)
    : new Tensor(scalarNode(Number(number), dtype, device));
}

function hostScalar(number: () => number, dtype: DType, device: Device): Tensor {
  const node = scalarNode(number(), dtype, device);
  trace?.steps.push({ kind: "number", nodes: [node], read: number });
  return new Tensor(node);
}

/** Makes the tensors in what library code returns (one, an array, an object of them) readable by the caller. */
export function exposeAll(result: unknown): void {
  if (result instanceof Tensor) expose(result.node);
  else exposeWithin(result);
}

function exposeWithin(result: unknown): void {
  if (Array.isArray(result)) for (const item of result) exposeAll(item);
  else if (result !== null && typeof result === "object" && Object.getPrototypeOf(result) === Object.prototype) {
    for (const item of Object.values(result)) exposeAll(item);
  }
}

function noteOwnAll(result: unknown, start: number): void {
  if (result instanceof Tensor) noteOwn(result.node, start);
  else if (Array.isArray(result)) for (const item of result) noteOwnAll(item, start);
}

/**
 * Makes one op of a function over other ops: what it records inside is internal, fused away unless it is returned.
 * Wrap every function that records more than one primitive. One with a `name` is asked for in `autocast`'s lists.
 */
/* @__NO_SIDE_EFFECTS__ */
export function composite<A extends readonly unknown[], R>(fn: (...args: A) => R, name?: string): (...args: A) => R {
  checkFunction("composite", fn);
  return (...args) => {
    if (name !== undefined && isCasting()) args = precise(name, args);
    const outer = enter();
    const start = newestNode();
    let result: R;
    count(1);
    try {
      result = fn(...args);
    } finally {
      leave(outer);
      count(-1);
    }
    noteOwnAll(result, start);
    if (outer === 0) {
      exposeAll(result);
      if (result instanceof Tensor) relieve(result.node);
    }
    return result;
  };
}
