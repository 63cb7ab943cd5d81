import type { Device } from "../backend/device.js";
import { type DType, isFloat } from "../dtype.js";
import { DTypeError } from "../errors.js";
import { cast } from "../ops/cast.js";
import { defineOp, type Node, type Op } from "../program/node.js";
import type { GradientRule } from "../autograd/rule.js";
import type { Shape } from "../shape.js";
import { apply, scalar, type Tensor } from "../tensor.js";
import { defaultGenerator } from "./generator.js";

// The in-graph generator: random numbers that are computed inside a Program from two run-time numbers, so that another
// draw is the same Program and recomputing one gives the same bits. `manualSeed` gives the key; each draw takes the
// next counter.

const UNIFORM: Op<GradientRule> = /* @__PURE__ */ defineOp<GradientRule>("uniform", null);

/** The two int32 numbers that a draw follows from. */
export interface Draw {
  /** The low 32 bits of the default generator's seed. */
  readonly key: number;
  /** How many draws there have been since it was seeded, modulo 2³². */
  readonly counter: number;
}

/** The Nodes of a draw's two run-time numbers. */
export interface DrawNodes {
  readonly key: Node;
  readonly counter: Node;
}

let observer: ((draw: DrawNodes) => void) | null = null;

/**
 * Has every draw told to `watch` as it is recorded, and returns who was told before. A recorded Program that is run
 * again draws anew: it puts the numbers of `nextDraw` in the place of those that these Nodes hold.
 */
export function onDraw(watch: ((draw: DrawNodes) => void) | null): ((draw: DrawNodes) => void) | null {
  const before = observer;
  observer = watch;
  return before;
}

/** Takes the default generator's next draw. */
export function nextDraw(): Draw {
  return { key: Number(BigInt.asIntN(32, defaultGenerator.initialSeed())), counter: defaultGenerator.nextCounter() };
}

/** Takes the next draw as run-time numbers. Every random op that runs inside Programs gets its numbers here. */
export function drawCounter(device: Device): readonly [key: Tensor, counter: Tensor] {
  const draw = nextDraw();
  const key = scalar(draw.key, "int32", device);
  const counter = scalar(draw.counter, "int32", device);
  observer?.({ key: key.node, counter: counter.node });
  return [key, counter];
}

/**
 * Uniform numbers in [0, 1) that are drawn when the Program runs: multiples of 2⁻²⁴, by Philox4x32-10, the same bits on
 * every device. Wrap it in a `composite`.
 */
export function uniformNoise(shape: Shape, dtype: DType, device: Device): Tensor {
  if (!isFloat(dtype)) throw new DTypeError(`uniformNoise: draws floats, dtype ${dtype} is none`);
  return cast(apply(UNIFORM, drawCounter(device), shape, shape, "float32"), dtype);
}
