import { type Tensor, where } from "@downhill/core";
import { checkFlag, checkFloat, checkOptions, composite, show, uniformNoise, ValueError } from "@downhill/core/engine";

export interface DropoutOptions {
  /** Drop at all; false gives x. Default true: pass your module's `training`. */
  readonly training?: boolean;
  /** Taken over from PyTorch: here the input keeps its value either way, and memory is reused without asking. */
  readonly inplace?: boolean;
}

/** Checks a probability. */
export function checkProbability(where: string, name: string, p: unknown): number {
  if (typeof p === "number" && p >= 0 && p <= 1) return p;
  throw new ValueError(`${where}: ${name} must be a probability from 0 to 1, got ${show(p)}`);
}

/** Sets elements to 0 with probability p, and divides the others by 1 - p. */
export function drop(x: Tensor, p: number): Tensor {
  if (p === 0) return x;
  const dropped = uniformNoise(x.shape, x.dtype, x.device).lt(p);
  // At p = 1 nothing is left to scale, and 1/0 times a gradient of 0 would be NaN.
  return where(dropped, 0, x.mul(p === 1 ? 0 : 1 / (1 - p)));
}

/**
 * Sets each element to 0 with probability p, and divides the others by 1 - p, so that the mean stays. The zeros are
 * drawn by `manualSeed`'s seed, anew at each call; they are not PyTorch's. Same as torch.nn.functional.dropout.
 * Srivastava et al., 2014.
 *
 * @throws ValueError for p outside 0 to 1; DTypeError for dtypes that are no floats.
 *
 * @example
 * manualSeed(0);
 * functional.dropout(ones([8]), 0.5); // tensor([0., 2., 2., 2., 2., 0., 2., 0.])
 */
export const dropout: (x: Tensor, p?: number, options?: DropoutOptions) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, p = 0.5, options: DropoutOptions = {}) => {
    checkOptions("dropout", options, ["training", "inplace"]);
    checkFloat("dropout", x);
    checkProbability("dropout", "p", p);
    checkFlag("dropout: training", options.training);
    checkFlag("dropout: inplace", options.inplace);
    return (options.training ?? true) ? drop(x, p) : x;
  },
);
