import { defaultDevice, getDevice } from "../backend/device.js";
import { checkOptions, MemoryError, show, ValueError } from "../errors.js";
import { formatBytes } from "../format-bytes.js";
import { checkCount, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import {
  type BatchShape,
  batchShapes,
  estimate,
  type EstimateOptions,
  type MemoryEstimate,
  type Step,
} from "./estimate-memory.js";

/** The options of `largestBatch`. */
export interface LargestBatchOptions extends EstimateOptions {
  /**
   * Bytes that the step may take. Default: the device's budget, less what is in use there and not the step's own (the
   * data that batches are taken from).
   */
  readonly budget?: number;
  /** The most samples that make sense, such as the length of the data. Default: 65536. */
  readonly most?: number;
}

/**
 * Finds the largest number of samples for which a step's memory stays within a budget, by `estimateMemory`: it doubles
 * the batch, then closes in. Nothing runs.
 *
 * @param step What `estimateMemory` takes.
 * @param sample The shape of its tensor for one sample, without the batch's dim, or a list of shapes, one for each tensor.
 * @throws MemoryError where not even one sample fits; what `estimateMemory` throws.
 *
 * @example
 * const step = (x: Tensor, labels: Tensor) => {
 *   optimizer.zeroGrad();
 *   const loss = criterion.forward(model.forward(x), labels);
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * };
 * const samples = [[4], { shape: [], dtype: "int32" as const }];
 * const size = largestBatch(step, samples, { budget: 2 ** 20 });
 * console.log(size > 5000, size < 50000); // true true
 */
export function largestBatch<A extends readonly Tensor[]>(
  step: Step<A>,
  sample: Shape | readonly BatchShape[],
  options: LargestBatchOptions = {},
): number {
  const where = "largestBatch";
  checkOptions(where, options, ["device", "budget", "most"]);
  const most = checkCount(where, "most", options.most ?? 65536, 1);
  const device = options.device === undefined ? defaultDevice() : getDevice(options.device);
  const shapes = batchShapes(where, sample);
  const planned = (size: number): MemoryEstimate & { readonly held: number } => {
    const batch = shapes.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype }));
    return estimate(where, step, batch, device);
  };
  const one = planned(1);
  const { budget = roomFor(one.held) } = options;
  if (typeof budget !== "number" || !(budget > 0))
    throw new ValueError(`${where}: budget takes bytes, more than 0, got ${show(budget)}`);
  if (one.peak > budget) {
    throw new MemoryError(
      `${where}: one sample needs ${formatBytes(one.peak)}, there are ${formatBytes(budget)}`,
      `the step's state takes ${formatBytes(one.state)}, its intermediates ${formatBytes(one.arena)}`,
    );
  }

  function roomFor(held: number): number {
    const { budget, live, holders } = device.memory();
    return budget - Math.max(0, live - (holders.arena ?? 0) - held);
  }

  let fits = 1;
  let fails = most + 1;
  for (let size = 2; fits < most && fails > most; size = Math.min(2 * size, most)) {
    if (planned(size).peak <= budget) fits = size;
    else fails = size;
  }
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1;
    if (planned(middle).peak <= budget) fits = middle;
    else fails = middle;
  }
  return fits;
}
