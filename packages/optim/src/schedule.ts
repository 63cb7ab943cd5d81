import { checkCount, checkOptions, show, ValueError } from "@downhill/core/engine";
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

/** The name of a way down from 1 to 0: 1 - x, half a cosine, 1 - √x. */
export type DecayShape = "linear" | "cosine" | "sqrt";

const shapes: Readonly<Record<DecayShape, Schedule>> = {
  linear: (x) => 1 - x,
  cosine: (x) => (1 + Math.cos(Math.PI * x)) / 2,
  sqrt: (x) => 1 - Math.sqrt(x),
};

/**
 * Rises evenly to 1 in `warmupSteps` steps, stays there for `stableSteps`, falls to `minFactor` in `decaySteps`, and stays.
 * What WarmupStableDecay follows.
 */
export function warmupStableDecay(
  warmupSteps: number,
  stableSteps: number,
  decaySteps: number,
  options: { readonly decay?: DecayShape; readonly minFactor?: number } = {},
): Schedule {
  const where = "warmupStableDecay";
  checkOptions(where, options, ["decay", "minFactor"]);
  checkCount(where, "warmupSteps", warmupSteps, 0);
  checkCount(where, "stableSteps", stableSteps, 0);
  checkCount(where, "decaySteps", decaySteps, 1);
  const { decay = "linear", minFactor = 0 } = options;
  if (!Object.hasOwn(shapes, decay))
    throw new ValueError(
      `${where}: decay must be one of ${Object.keys(shapes).map(show).join(", ")}, got ${show(decay)}`,
    );
  if (!(minFactor >= 0 && minFactor <= 1))
    throw new ValueError(`${where}: minFactor must be in [0, 1], got ${show(minFactor)}`);
  const fall: Schedule = (t) => {
    const x = Math.min(1, Math.max(0, (t - stableSteps) / decaySteps));
    return minFactor + (1 - minFactor) * shapes[decay](x);
  };
  return warmupSteps === 0 ? fall : warmup(warmupSteps, fall);
}
