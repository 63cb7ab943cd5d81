import { ShapeError, type Tensor } from "@downhill/core";
import { checkFlag, checkFloat, checkOptions, composite, text, ValueError } from "@downhill/core/engine";
import { blend, checkMomentum } from "./batch-norm.js";
import { checkAffine, checkEps, type NormOptions, perChannel, scaleAndShift } from "./normalization.js";
import { standardize } from "./standardize.js";

export interface InstanceNormFunctionOptions extends NormOptions {
  /** Normalise with each sample's own statistics, and update the running ones; false: with these. Default true. */
  readonly useInputStats?: boolean;
  /** Share of the batch in the running statistics: (1 - momentum) · running + momentum · batch. Default 0.1. */
  readonly momentum?: number;
}

type InstanceNormFunction = (
  x: Tensor,
  runningMean?: Tensor | null,
  runningVar?: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: InstanceNormFunctionOptions,
) => Tensor;

/**
 * Brings each channel of each sample of [N, C, …] to mean 0 and variance 1, then scales and shifts it: weight and bias are
 * [C], and so are the running statistics, which get the mean of what the samples have (the variance there is the unbiased
 * one). Same as torch.nn.functional.instance_norm. Ulyanov, Vedaldi and Lempitsky, 2016, arXiv:1607.08022.
 *
 * @throws ValueError for one value per channel; ShapeError when sizes do not fit; DTypeError for dtypes that are no floats
 * or differ.
 *
 * @example
 * functional.instanceNorm(tensor([[[1, 3], [4, 0]]])).round(); // tensor([[[-1.,  1.], [ 1., -1.]]])
 */
export const instanceNorm: InstanceNormFunction = /* @__PURE__ */ composite(
  (
    x: Tensor,
    runningMean: Tensor | null = null,
    runningVar: Tensor | null = null,
    weight: Tensor | null = null,
    bias: Tensor | null = null,
    options: InstanceNormFunctionOptions = {},
  ) => {
    const where = "instanceNorm";
    checkOptions(where, options, ["useInputStats", "momentum", "eps"]);
    const eps = checkEps(where, options.eps);
    const momentum = checkMomentum(where, options.momentum);
    const { useInputStats = true } = options;
    checkFlag(`${where}: useInputStats`, useInputStats);
    checkFloat(where, x);
    if (x.ndim < 3) throw new ShapeError(`${where}: the input must be [N, C, L, …], got shape ${text(x.shape)}`);
    const channels = [x.shape[1]!];
    const parts = { weight, bias, "running mean": runningMean, "running variance": runningVar };
    for (const [name, value] of Object.entries(parts)) checkAffine(where, name, value, channels, x);
    if (!useInputStats) {
      if (runningMean === null || runningVar === null)
        throw new ValueError(
          `${where}: the running mean and variance are needed without the input's, got null`,
          "pass { useInputStats: true }",
        );
      const scale = runningVar.add(eps).sqrt().reciprocal();
      const factor = weight === null ? scale : scale.mul(weight);
      return scaleAndShift(x.sub(perChannel(runningMean, x)!), perChannel(factor, x), perChannel(bias, x));
    }
    const count = x.shape.slice(2).reduce((product, size) => product * size, 1);
    if (count === 1) throw new ValueError(`${where}: needs more than 1 value per channel, got shape ${text(x.shape)}`);
    const dims = x.shape.map((_, dim) => dim).slice(2);
    const { normalized, mean, variance } = standardize(x, dims, eps);
    if (count > 0 && x.shape[0]! > 0) {
      blend(runningMean, mean.mean(0), momentum);
      blend(runningVar, variance.mean(0).mul(count / (count - 1)), momentum);
    }
    return scaleAndShift(normalized, perChannel(weight, x), perChannel(bias, x));
  },
);
