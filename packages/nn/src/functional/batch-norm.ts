import { ShapeError, Tensor } from "@downhill/core";
import {
  assign,
  checkFlag,
  checkFloat,
  checkOptions,
  composite,
  show,
  text,
  throughFloat32,
  ValueError,
} from "@downhill/core/engine";
import { checkAffine, checkEps, type NormOptions, perChannel, scaleAndShift } from "./normalization.js";
import { standardize, type Standardized } from "./standardize.js";

/** The options of `functional.batchNorm`. */
export interface BatchNormFunctionOptions extends NormOptions {
  /** Normalise with the batch's own statistics, and update the running ones. Default false: with the running ones. */
  readonly training?: boolean;
  /**
   * Share of the batch in the running statistics, a number or a 0-d tensor: (1 - momentum) · running + momentum · batch.
   * Default 0.1.
   */
  readonly momentum?: number | Tensor;
}

/** Checks the share of the newest batch; left out it is 0.1. */
export function checkMomentum(where: string, momentum: unknown = 0.1): number {
  if (typeof momentum === "number" && !Number.isNaN(momentum)) return momentum;
  throw new ValueError(`${where}: momentum must be a number, got ${show(momentum)}`);
}

/** Each channel of [N, C, …] at mean 0 and variance 1; and how many values a channel has. */
function ofBatch(x: Tensor, eps: number): Standardized & { readonly count: number } {
  const count = x.shape.reduce((product, n, dim) => (dim === 1 ? product : product * n), 1);
  if (count === 1)
    throw new ValueError(
      `batchNorm: needs more than 1 value per channel when training, got shape ${text(x.shape)}`,
      "give it larger batches, or use model.eval()",
    );
  const dims = x.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
  return { ...standardize(x, dims, eps), count };
}

/** running = (1 - share) · running + share · batch, in place. */
export function blend(running: Tensor | null, batch: Tensor, share: number | Tensor): void {
  if (running === null) return;
  const fresh = batch.reshape(running.shape);
  const rest = typeof share === "number" ? 1 - share : share.neg().add(1);
  assign(running, running.to(fresh.dtype).mul(rest).add(fresh.mul(share)).to(running.dtype));
}

type BatchNormFunction = (
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: BatchNormFunctionOptions,
) => Tensor;

/**
 * Brings each channel of [N, C, …] to mean 0 and variance 1, then scales and shifts it: (x - mean) / √(variance + eps) ·
 * weight + bias. With `training` mean and variance are the batch's, which go into the running ones, in place (the
 * variance there is the unbiased one); else they are the running ones. All but x are [C]. Same as
 * torch.nn.functional.batch_norm. Ioffe and Szegedy, 2015, arXiv:1502.03167.
 *
 * @throws ValueError in training for one value per channel; ShapeError when sizes do not fit; DTypeError for dtypes that
 * are no floats or differ.
 *
 * @example
 * const x = tensor([[1], [3]]);
 * functional.batchNorm(x, zeros([1]), ones([1]), null, null, { eps: 0 }); // tensor([[1.], [3.]])
 * functional.batchNorm(x, zeros([1]), ones([1]), null, null, { eps: 0, training: true }); // tensor([[-1.], [ 1.]])
 */
export const batchNorm: BatchNormFunction = /* @__PURE__ */ composite(
  (
    x: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight: Tensor | null = null,
    bias: Tensor | null = null,
    options: BatchNormFunctionOptions = {},
  ) => {
    checkOptions("batchNorm", options, ["training", "momentum", "eps"]);
    const eps = checkEps("batchNorm", options.eps);
    const { momentum: share = 0.1, training = false } = options;
    if (!(share instanceof Tensor)) checkMomentum("batchNorm", share);
    else if (share.ndim > 0)
      throw new ShapeError(`batchNorm: momentum must be a number or a 0-d tensor, got shape ${text(share.shape)}`);
    checkFlag("batchNorm: training", training);
    checkFloat("batchNorm", x);
    if (x.ndim < 2) throw new ShapeError(`batchNorm: the input must be [N, C, …], got shape ${text(x.shape)}`);
    const channels = [x.shape[1]!];
    checkAffine("batchNorm", "weight", weight, channels, x);
    checkAffine("batchNorm", "bias", bias, channels, x);
    checkAffine("batchNorm", "running mean", runningMean, channels, x);
    checkAffine("batchNorm", "running variance", runningVar, channels, x);
    if (training)
      return throughFloat32(x, (wide) => {
        const { normalized, mean, variance, count } = ofBatch(wide, eps);
        if (count > 0) {
          blend(runningMean, mean, share);
          // The variance that is kept is unbiased.
          blend(runningVar, variance.mul(count / (count - 1)), share);
        }
        return scaleAndShift(normalized, perChannel(weight, x), perChannel(bias, x));
      });
    if (runningMean === null || runningVar === null)
      throw new ValueError(
        "batchNorm: the running mean and variance are needed unless it is training, got null",
        "pass { training: true }",
      );
    return throughFloat32(x, (wide) => {
      const scale = runningVar.to(wide.dtype).add(eps).sqrt().reciprocal();
      const factor = weight === null ? scale : scale.mul(weight);
      return scaleAndShift(wide.sub(perChannel(runningMean, x)!), perChannel(factor, x), perChannel(bias, x));
    });
  },
);
