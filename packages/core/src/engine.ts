/** What authors of modules, optimizers, loaders and backends build on: `@downhill/core/engine`. */
import "./install.js";
import { flush as flushNodes, flushAll, seam as seamOf } from "./program/flush.js";
import { ValueChange } from "./program/change.js";
import { bufferNode, expose, type Node, record } from "./program/node.js";
import { type Device, getDevice } from "./backend/device.js";
import type { DType } from "./dtype.js";
import { DTypeError, ShapeError } from "./errors.js";
import { sameShape, sizeOf, text } from "./shape.js";
import { changeStructure, trace } from "./program/trace.js";
import { COPY, Tensor } from "./tensor.js";

export type { Backend, Buffer, Description, Executable, MemoryNeeds } from "./backend/backend.js";
export type { DeviceMemory, MemoryUsage } from "./backend/memory-usage.js";
export { Device, registerBackend } from "./backend/device.js";
export type { Program, ProgramNode, ProgramOutput } from "./program/program.js";
export type { ProgramCache } from "./program/cache.js";
export type {
  BinaryName,
  MoveName,
  OtherName,
  PrimitiveName,
  ReduceName,
  ScanName,
  UnaryName,
} from "./program/vocabulary.js";
export { checkFlag, checkFunction, checkOptions, DownhillError, show, ValueError } from "./errors.js";
export { hostArray, isFloat, itemSize } from "./dtype.js";
export { broadcast, checkCount, checkDim, checkDims, sameShape, sizeOf, sizesOf, text } from "./shape.js";
export { throughFloat32 } from "./ops/cast.js";
export { checkFloat, checkTensor } from "./ops/define.js";
export { convolve, convolveBack, convolveWeights, type ConvolutionSteps } from "./ops/composite/convolution.js";
export { type AveragingOptions, avgPool, maxPool, maxPoolIndices, type PoolingSteps } from "./ops/composite/pooling.js";
export { closedFormOf } from "./ops/closed-form.js";
export { recur, type Recurred, type Recurrence } from "./recur/recur.js";
export type { Body, Turn } from "./recur/body.js";
export { iota, readAlong } from "./ops/index-access.js";
export { unwindowed, windows } from "./ops/view.js";
export { fromHost, fromOwned } from "./creation.js";
export { seamLimits } from "./program/flush.js";
export { draftCall } from "./program/trace-call.js";
export {
  changeStructure,
  everyRun,
  guard,
  isTracing,
  onTraceFailure,
  refuseReading,
  traceOnce,
} from "./program/trace.js";
export { enter, isInside, leave, outside } from "./program/scope.js";
export { withGrad } from "./autograd/mode.js";
export { type Draw, drawCounter, type DrawNodes, nextDraw, onDraw, uniformNoise } from "./random/counter.js";
export { multinomial as drawCategories } from "./random/multinomial.js";
export { fillNormal } from "./random/normal.js";
export { fillPermutation } from "./random/permutation.js";
export { fillRandint } from "./random/randint.js";
export { fillUniform } from "./random/uniform.js";
export { ReferenceBackend } from "./reference/interpreter.js";
export { composite, exposeAll, scalar, Tensor } from "./tensor.js";
export type { Node } from "./program/node.js";
export { ProgramWatch } from "./explain/program-watch.js";
export { type TracedNumbers, traceNumbers } from "./explain/trace-numbers.js";

/** Computes the values of these tensors now, in one Program per device. */
export function flush(...tensors: readonly Tensor[]): void {
  if (trace !== null) return; // what a compiled function computes, it computes at the end
  for (const tensor of tensors) expose(tensor.node);
  flushNodes(tensors.map((tensor) => tensor.node));
}

/** Tells whether a tensor's value is there, so that nothing has to run before it is read. */
export const isComputed = (x: Tensor): boolean => x.node.isLeaf;

/** Computes everything that is pending on a device. */
export function synchronize(device: string | Device = "cpu"): void {
  flushAll(getDevice(device));
}

/** Marks a place where the caller's code repeats itself (the end of a module call, of a batch); see `seam`. */
export function seam(device: Device): void {
  seamOf(device);
}

/**
 * Lets a variable (a Parameter, a buffer, an optimizer's state) have a new value, written into the same memory when the
 * Program runs. Readers recorded before get the old value. The new value needs the variable's shape and dtype.
 */
export function assign(variable: Tensor, value: Tensor): void {
  if (filter !== null) value = filter(variable, value);
  if (!sameShape(variable.shape, value.shape)) throw shapeError(variable, value);
  if (variable.dtype !== value.dtype)
    throw new DTypeError(`assign: a ${value.dtype} value for a ${variable.dtype} variable`);
  const old = variable.node;
  trace?.move(variable, true);
  trace?.see([value]);
  // A value that somebody else holds too is copied: the variable's memory is its own.
  const node: Node =
    value.node.visible || value.node.isLeaf ? record(COPY, [value.node], [], value.shape, value.dtype) : value.node;
  node.overwrites = target(old);
  if (old.requiresGrad && variable.isLeaf) {
    node.requiresGrad = true;
    node.variable = variable;
  }
  variable.node = node;
  expose(node);
  if (updates !== null) updates.push(new ValueChange(variable, old, node));
  else if (trace === null) node.device.changes.push(new ValueChange(variable, old, node));
}

let filter: ((variable: Tensor, value: Tensor) => Tensor) | null = null;

/** Runs `fn`, in which `assign` gives variables what `through` makes of their new values. */
export function assigning<T>(through: (variable: Tensor, value: Tensor) => Tensor, fn: () => T): T {
  const outer = filter;
  filter = through;
  try {
    return fn();
  } finally {
    filter = outer;
  }
}

const shapeError = (variable: Tensor, value: Tensor): ShapeError =>
  new ShapeError(`assign: a value of shape ${text(value.shape)} for a variable of shape ${text(variable.shape)}`);

/** The Node whose memory an update goes into: through updates that are themselves still pending. */
function target(old: Node): Node {
  if (old.buffer !== null || old.overwrites === null) return old;
  const first = old.overwrites;
  old.overwrites = null;
  return first;
}

/** What the transaction that runs has assigned. */
let updates: ValueChange[] | null = null;

/**
 * Runs updates of variables, all or nothing: computes what `fn` has assigned, and if `fn` or that computation throws,
 * every variable whose update has not run has its old value again.
 */
export function transaction<T>(fn: () => T): T {
  const outer = updates;
  const own: ValueChange[] = (updates = []);
  try {
    const result = fn();
    if (trace === null) {
      const targets = new Array<Node>(own.length);
      for (let i = 0; i < own.length; i++) targets[i] = own[i]!.now;
      flushNodes(targets);
    }
    return result;
  } catch (error) {
    for (let i = own.length - 1; i >= 0; i--) own[i]!.takeBack(null);
    throw error;
  } finally {
    updates = outer;
  }
}

/** @internal The value of a tensor in memory of its own: what a Parameter or a buffer starts from. */
export function ownNode(x: Tensor): Node {
  trace?.see([x]);
  const data = trace === null ? x.read() : null;
  if (data === null || data instanceof Promise) {
    data?.catch(() => undefined); // only asked whether it can be read at once
    const node = record(COPY, [x.node], [], x.shape, x.dtype);
    expose(node);
    return node;
  }
  const { backend } = x.device;
  const buffer = backend.allocate(x.dtype, data.length);
  backend.write(buffer, data);
  return bufferNode(buffer, x.shape, x.dtype, x.device);
}

/** Makes a tensor with this one's value in memory of its own, which `assign` may write into. */
export function ownTensor(x: Tensor): Tensor {
  return new Tensor(ownNode(x));
}

/** Gives a variable a new value that may have another shape, dtype or device. What holds the variable sees it. */
export function replace(variable: Tensor, value: Tensor): void {
  const { requiresGrad } = variable;
  changeStructure();
  trace?.move(variable, true);
  variable.node = ownNode(value);
  if (requiresGrad) variable.requiresGrad_();
}

/** Makes a computed tensor of zeros: memory for an optimizer's state or a Module's buffer. */
export function zeroState(like: Tensor, dtype: DType = like.dtype): Tensor {
  const { backend } = like.device;
  const buffer = backend.allocate(dtype, sizeOf(like.shape));
  return new Tensor(bufferNode(buffer, like.shape, dtype, like.device));
}
