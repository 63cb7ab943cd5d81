import { Tensor, ValueError } from "@downhill/core";
import { assign, checkCount, checkOptions, ownTensor, show, transaction, withGrad } from "@downhill/core/engine";
import { checkOptimizer } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkPositive } from "./setting-checks.js";

/** The options of `lrRangeTest`. */
export interface LRRangeTestOptions {
  /** The first rate. Default 1e-7. */
  readonly startLr?: number;
  /** The last rate. Default 10. */
  readonly endLr?: number;
  /** Steps from one to the other. Default 100. */
  readonly numSteps?: number;
  /** Whether rates grow by a factor or by a difference. Default "exp". */
  readonly mode?: "exp" | "linear";
  /** How much of the running average of the loss stays at each step, in [0, 1). Default 0.9. */
  readonly smoothing?: number;
  /** Stop at a loss that is so many times the lowest. Default 4. */
  readonly divergeFactor?: number;
  /** Further tensors that steps change, such as running statistics: they are put back too. */
  readonly buffers?: Iterable<Tensor>;
}

/** What a range test has found. */
export interface LRRangeTestResult {
  /** The rates that were tried. */
  readonly lrs: readonly number[];
  /** The loss at each of them. */
  readonly losses: readonly number[];
  /** The running averages of the losses. */
  readonly smoothed: readonly number[];
  /** The rate at which the averages fall fastest per decade (or, for "linear", per unit); null if they never fall. */
  readonly suggestion: number | null;
}

/**
 * Tries rates from small to large, one per step, and tells at which the loss falls fastest: a good rate to train with, or
 * the highest one of a cycle. Afterwards the parameters, the optimizer's state and its rates are as before.
 * After Smith, "Cyclical learning rates for training neural networks", https://arxiv.org/abs/1506.01186, section 3.3.
 *
 * @param closure Clears the gradients, computes the loss of the next batch, calls backward and returns the loss.
 *
 * @example
 * const { lrs, smoothed, suggestion } = await lrRangeTest(optimizer, () => {
 *   optimizer.zeroGrad();
 *   const loss = criterion.forward(model.forward(x), labels);
 *   loss.backward();
 *   return loss;
 * });
 * if (suggestion !== null) optimizer.paramGroups[0].lr = suggestion;
 */
export async function lrRangeTest(
  optimizer: OptimizerBase<{ lr: number }>,
  closure: () => Tensor | number | Promise<Tensor | number>,
  options: LRRangeTestOptions = {},
): Promise<LRRangeTestResult> {
  const where = "lrRangeTest";
  checkOptimizer(where, optimizer);
  if (typeof closure !== "function")
    throw new ValueError(`${where}: the closure must be a function, got ${show(closure)}`);
  checkOptions(where, options, [...["startLr", "endLr", "numSteps", "mode", "smoothing", "divergeFactor", "buffers"]]);
  const { startLr = 1e-7, endLr = 10, numSteps = 100, mode = "exp", buffers = [] } = options;
  const { smoothing = 0.9, divergeFactor = 4 } = options;
  checkPositive(where, "startLr", startLr);
  checkPositive(where, "endLr", endLr);
  checkPositive(where, "divergeFactor", divergeFactor);
  checkCount(where, "numSteps", numSteps, 2);
  if (mode !== "exp" && mode !== "linear")
    throw new ValueError(`${where}: mode must be "exp" or "linear", got ${show(mode)}`);
  if (typeof smoothing !== "number" || !(smoothing >= 0 && smoothing < 1))
    throw new ValueError(`${where}: smoothing must be in [0, 1), got ${show(smoothing)}`);

  const restore = saved(optimizer, [...buffers]);
  const [lrs, losses, smoothed]: [number[], number[], number[]] = [[], [], []];
  try {
    let [average, lowest] = [0, Infinity];
    for (let i = 0; i < numSteps; i++) {
      const share = i / (numSteps - 1);
      const lr = mode === "exp" ? startLr * (endLr / startLr) ** share : startLr + (endLr - startLr) * share;
      for (const group of optimizer.paramGroups) group.lr = lr;
      const result = (await optimizer.step(closure)) as Tensor | number;
      const loss = result instanceof Tensor ? await result.item() : result;
      if (typeof loss !== "number")
        throw new ValueError(`${where}: the closure must return the loss, got ${show(result)}`);
      average = smoothing * average + (1 - smoothing) * loss;
      // The correction for an average that began at 0, as in Adam.
      const smooth = average / (1 - smoothing ** (i + 1));
      if (!Number.isFinite(smooth) || (i > 0 && smooth > divergeFactor * lowest)) break;
      lrs.push(lr);
      losses.push(loss);
      smoothed.push(smooth);
      lowest = Math.min(lowest, smooth);
    }
  } finally {
    restore();
  }
  return { lrs, losses, smoothed, suggestion: steepest(lrs, smoothed, mode) };
}

/** The rate at which the curve falls fastest, by central differences. */
function steepest(lrs: readonly number[], losses: readonly number[], mode: "exp" | "linear"): number | null {
  const place = (i: number): number => (mode === "exp" ? Math.log(lrs[i]!) : lrs[i]!);
  let [best, suggestion]: [number, number | null] = [0, null];
  for (let i = 1; i < lrs.length - 1; i++) {
    const slope = (losses[i + 1]! - losses[i - 1]!) / (place(i + 1) - place(i - 1));
    if (slope < best) [best, suggestion] = [slope, lrs[i]!];
  }
  return suggestion;
}

/** Remembers tensors, gradients, state, rates and the step count, and gives what puts them back. */
function saved(optimizer: OptimizerBase<{ lr: number }>, buffers: readonly Tensor[]): () => void {
  const params = optimizer.paramGroups.flatMap((group) => group.params);
  const tensors = [...params, ...buffers];
  const values = tensors.map((each) => ownTensor(each.detach()));
  const grads = params.map((param) => param.grad?.clone() ?? null);
  const { stepCount } = optimizer;
  const { state, paramGroups } = optimizer.stateDict();
  const own = Object.entries(state).map(([place, entries]) => [
    place,
    Object.fromEntries(Object.entries(entries).map(([name, x]) => [name, x instanceof Tensor ? ownTensor(x) : x])),
  ]);
  const dict = { state: Object.fromEntries(own) as typeof state, paramGroups };
  return () => {
    transaction(() => {
      withGrad(false, () => {
        tensors.forEach((each, i) => {
          assign(each, values[i]!.clone());
        });
      });
    });
    params.forEach((param, i) => (param.grad = grads[i]!));
    optimizer.loadStateDict(dict);
    optimizer.stepCount = stepCount;
  };
}
