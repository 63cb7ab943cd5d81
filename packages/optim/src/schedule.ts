import { checkCount } from "@downhill/core/engine";
import { checkPositive } from "./setting-checks.js";

/**
 * What the initial rate is multiplied by at step t = 0, 1, 2, …: a pure function, so schedules are built from each
 * other. `LambdaLR` gives one to an optimizer.
 *
 * @example
 * const scheduler = new LambdaLR(optimizer, { lrLambda: warmup(5, cosine(95)) });
 */
export type Schedule = (t: number) => number;

/** Multiplies by `gamma` every `stepSize` steps: gamma^⌊t / stepSize⌋. What StepLR follows. */
export function stepDecay(stepSize: number, gamma: number = 0.1): Schedule {
  checkCount("stepDecay", "stepSize", stepSize, 1);
  return (t) => gamma ** Math.floor(t / stepSize);
}

/** Falls from 1 to 0 in `tMax` steps, and rises again: (1 + cos(π t / tMax)) / 2. What CosineAnnealingLR follows. */
export function cosine(tMax: number): Schedule {
  checkPositive("cosine", "tMax", tMax);
  return (t) => (1 + Math.cos((Math.PI * t) / tMax)) / 2;
}

/** Rises evenly to 1 in `steps` steps, 1/steps, 2/steps, …, and then begins `next`. */
export function warmup(steps: number, next: Schedule): Schedule {
  checkCount("warmup", "steps", steps, 1);
  return (t) => (t < steps ? (t + 1) / steps : next(t - steps));
}
