import { show, ValueError } from "@downhill/core/engine";

/** An activation, by the name of its function. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "convTranspose1d"
  | "convTranspose2d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

const gains: Readonly<Record<Nonlinearity, number | null>> = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  convTranspose1d: 1,
  convTranspose2d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  leakyRelu: null, // it depends on the slope
  selu: 3 / 4,
};

/**
 * Gives the factor by which an activation shrinks numbers, so that weights make up for it: √2 for "relu", 5/3 for "tanh",
 * √(2 / (1 + slope²)) for "leakyRelu", whose slope is `param` (0.01 if left out). Same as torch.nn.init.calculate_gain.
 *
 * @throws ValueError for other names.
 *
 * @example
 * init.calculateGain("leakyRelu", 1); // 1
 */
export function calculateGain(nonlinearity: Nonlinearity, param: number = 0.01): number {
  const gain = Object.hasOwn(gains, nonlinearity) ? gains[nonlinearity] : undefined;
  if (gain === undefined)
    throw new ValueError(
      `calculateGain: unknown nonlinearity ${show(nonlinearity)}`,
      `it is one of ${Object.keys(gains).join(", ")}`,
    );
  if (gain !== null) return gain;
  if (typeof param !== "number") throw new ValueError(`calculateGain: the slope must be a number, got ${show(param)}`);
  return Math.sqrt(2 / (1 + param ** 2));
}
