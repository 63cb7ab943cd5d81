import type { Backend, Buffer } from "../backend/backend.js";
import { defaultDevice, type Device, getDevice } from "../backend/device.js";
import { bytesOf, checkDType, type DType } from "../dtype.js";
import { checkFunction, checkOptions, DeviceError, DTypeError, show, ValueError } from "../errors.js";
import { checkShape, type Shape, sizeOf } from "../shape.js";
import { Tensor } from "../tensor.js";
import { isCompiled } from "./compile.js";
import { bufferNode, type Node } from "./node.js";
import type { Draft } from "./program.js";
import { draftCall } from "./trace-call.js";

/** The shape of a tensor, and its dtype where that is not float32. */
export type BatchShape = Shape | { readonly shape: Shape; readonly dtype?: DType };

/** The options of `estimateMemory`. */
export interface EstimateOptions {
  /** Where the step runs. Default: the default device. */
  readonly device?: string | Device;
}

/** What a step takes of a device's memory, in bytes. */
export interface MemoryEstimate {
  /** What is in use while it runs: the sum of all below. */
  readonly peak: number;
  /** What it updates: parameters, a module's buffers, an optimizer's state. */
  readonly state: number;
  /** The batch. */
  readonly batch: number;
  /** What else it reads: frozen parameters, constants. */
  readonly data: number;
  /** Intermediates and working memory, used again by every step. */
  readonly arena: number;
  /**
   * What it leaves behind: gradients, what it returns, and what else its own code can read. Of a compiled step, also the
   * gradients of the step before.
   */
  readonly results: number;
}

/** What takes a batch's tensors. */
export type Step<A extends readonly Tensor[]> = (...batch: A) => unknown;

/**
 * Tells what memory a step would take for a batch of some shape, from its plan: nothing runs, no batch is made, and
 * parameters, optimizer state and random numbers stay as they are. Besides what it counts, a loop holds what its own
 * code keeps, such as the data that batches are taken from.
 *
 * @param step Synchronous, as for `compile`: takes the batch's tensors, and reads no value.
 * @param batch The shape of its one tensor, or a list of shapes, one for each.
 * @throws DeviceError for a device that keeps no memory of its own; TraceError for a step that reads a value or returns
 *   a Promise; what the step throws for such a batch.
 *
 * @example
 * const step = (x: Tensor, labels: Tensor) => {
 *   optimizer.zeroGrad();
 *   const loss = criterion.forward(model.forward(x), labels);
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * };
 * const estimate = estimateMemory(step, [[1024, 4], { shape: [1024], dtype: "int32" }]);
 * console.log(estimate.batch); // 20480
 * console.log(estimate.peak > estimate.batch + estimate.arena); // true
 */
export function estimateMemory<A extends readonly Tensor[]>(
  step: Step<A>,
  batch: Shape | readonly BatchShape[],
  options: EstimateOptions = {},
): MemoryEstimate {
  const where = "estimateMemory";
  checkOptions(where, options, ["device"]);
  const device = options.device === undefined ? defaultDevice() : getDevice(options.device);
  const { held: _, ...sums } = estimate(where, step, batchShapes(where, batch), device);
  return sums;
}

/** A tensor to be, as an estimate knows it. */
export interface Planned {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** @internal A batch as a list of shapes: a list of numbers is the shape of one tensor. */
export function batchShapes(where: string, batch: Shape | readonly BatchShape[]): Planned[] {
  if (!Array.isArray(batch)) throw new ValueError(`${where}: takes a shape or a list of shapes, got ${show(batch)}`);
  const list = (batch.every((size) => typeof size === "number") ? [batch] : batch) as readonly BatchShape[];
  return list.map((item) => {
    if (Array.isArray(item)) return { shape: checkShape(where, item), dtype: "float32" };
    checkOptions(where, item, ["shape", "dtype"]);
    const { shape, dtype } = item as Partial<Planned>;
    return { shape: checkShape(where, shape), dtype: dtype === undefined ? "float32" : checkDType(where, dtype) };
  });
}

/** @internal */
export function estimate<A extends readonly Tensor[]>(
  where: string,
  step: Step<A>,
  batch: readonly Planned[],
  device: Device,
): MemoryEstimate & Held {
  checkFunction(where, step, "write (x, y) => { … }");
  const { backend } = device;
  if (backend.plan === undefined)
    throw new DeviceError(`${where}: ${device.name} keeps no memory of its own that could be planned`);
  const buffers = batch.map(({ shape, dtype }) => {
    if (!backend.dtypes.has(dtype)) throw new DTypeError(`${where}: ${device.name} has no ${dtype}`);
    return new PlannedBuffer(dtype, sizeOf(shape));
  });
  const tensors = batch.map(({ shape, dtype }, i) => new Tensor(bufferNode(buffers[i]!, shape, dtype, device)));
  const planned = plannedBackend(backend);
  const run = (...args: readonly unknown[]): unknown =>
    device.withBackend(planned, () => step(...(args as unknown as A)));
  const compiled = isCompiled(step);
  return draftCall(run, tensors, compiled, (on, draft, gradients) => {
    if (draft.outputs.length > 0 && on !== device)
      throw new DeviceError(`${where}: the step computes on ${on.name}`, `pass { device: ${show(on.name)} }`);
    return sumsOf(backend, draft, buffers, new Set(compiled ? gradients : []));
  });
}

/** What of the step's own is in memory already, as far as it is not the batch. */
interface Held {
  readonly held: number;
}

/** Adds it all up; `twice` are results that stay until the next step has made its own. */
function sumsOf(
  backend: Backend,
  draft: Draft,
  batch: readonly Buffer[],
  twice: ReadonlySet<Node>,
): MemoryEstimate & Held {
  const program = draft.program();
  const needs = draft.outputs.length === 0 ? { arena: 0, inputs: [], outputs: [] } : backend.plan!(program);
  const updated = new Set(program.outputs.map(({ overwrites }) => overwrites));
  const unused = new Set(batch);
  const met = new Set<Buffer>();
  const sums = { state: 0, batch: 0, data: 0, held: 0 };
  draft.buffers.forEach((buffer, k) => {
    if (met.has(buffer)) return;
    met.add(buffer);
    const bytes = needs.inputs[k]!;
    sums[unused.delete(buffer) ? "batch" : updated.has(k) ? "state" : "data"] += bytes;
    if (!(buffer instanceof PlannedBuffer)) sums.held += bytes;
  });
  for (const { byteLength } of unused) sums.batch += byteLength;
  const results = needs.outputs.reduce((sum, bytes, k) => sum + bytes * (twice.has(draft.outputs[k]!) ? 2 : 1), 0);
  const { state, data, held } = sums;
  return {
    peak: state + sums.batch + data + needs.arena + results,
    state,
    batch: sums.batch,
    data,
    arena: needs.arena,
    results,
    held,
  };
}

/** A Buffer that only knows its size. */
class PlannedBuffer implements Buffer {
  readonly byteLength: number;

  constructor(dtype: DType, length: number) {
    this.byteLength = length * bytesOf(dtype);
  }
}

/** Stands in for a Backend while a step is recorded: what the step makes (an optimizer's state) takes no memory. */
function plannedBackend({ name, dtypes }: Backend): Backend {
  const notNow = (): never => {
    throw new DeviceError("estimateMemory: nothing is computed while a step is planned");
  };
  return {
    name,
    dtypes,
    allocate: (dtype, length) => new PlannedBuffer(dtype, length),
    release: () => undefined,
    write: () => undefined,
    read: notNow,
    compile: notNow,
  };
}
