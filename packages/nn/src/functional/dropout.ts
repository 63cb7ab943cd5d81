import { ShapeError, type Tensor, where } from "@downhill/core";
import {
  checkFlag,
  checkFloat,
  checkOptions,
  composite,
  show,
  text,
  uniformNoise,
  ValueError,
} from "@downhill/core/engine";
import { type SpatialDims, spatialNames } from "./extent.js";

/** The options of `functional.dropout`. */
export interface DropoutOptions {
  /** Drop at all; false gives x. Default true, but of the alpha dropouts false: pass your module's `training`. */
  readonly training?: boolean;
  /** Taken over from PyTorch: here the input keeps its value either way, and memory is reused without asking. */
  readonly inplace?: boolean;
}

/** Checks a probability. */
export function checkProbability(where: string, name: string, p: unknown): number {
  if (typeof p === "number" && p >= 0 && p <= 1) return p;
  throw new ValueError(`${where}: ${name} must be a probability from 0 to 1, got ${show(p)}`);
}

/** Sets to 0 with probability p, and divides the rest by 1 - p; `drawn`, which broadcasts to x, is what is drawn for. */
export function drop(x: Tensor, p: number, drawn: readonly number[] = x.shape): Tensor {
  if (p === 0) return x;
  const dropped = uniformNoise(drawn, x.dtype, x.device).lt(p);
  // At p = 1 nothing is left to scale, and 1/0 times a gradient of 0 would be NaN.
  return where(dropped, 0, x.mul(p === 1 ? 0 : 1 / (1 - p)));
}

/** What selu(-∞) is: -λα. */
const floor = -1.7580993408473766;

/** As `drop`, but sets to selu's floor, and scales and shifts so that mean 0 and variance 1 stay what they are. */
function alphaDrop(x: Tensor, p: number, drawn: readonly number[] = x.shape): Tensor {
  if (p === 0) return x;
  if (p === 1) return x.mul(0);
  const scale = 1 / Math.sqrt((floor * floor * p + 1) * (1 - p));
  const shift = -floor * scale * p;
  const dropped = uniformNoise(drawn, x.dtype, x.device).lt(p);
  return where(dropped, floor * scale + shift, x.mul(scale).add(shift));
}

type Dropout = (x: Tensor, p?: number, options?: DropoutOptions) => Tensor;

/* @__NO_SIDE_EFFECTS__ */
const dropping = (
  where: string,
  apply: (x: Tensor, p: number, drawn?: readonly number[]) => Tensor,
  shape?: (x: Tensor) => readonly number[],
  implied = true,
): Dropout =>
  composite((x: Tensor, p = 0.5, options: DropoutOptions = {}) => {
    checkOptions(where, options, ["training", "inplace"]);
    checkFloat(where, x);
    checkProbability(where, "p", p);
    checkFlag(`${where}: training`, options.training);
    checkFlag(`${where}: inplace`, options.inplace);
    const drawn = shape?.(x);
    return (options.training ?? implied) ? apply(x, p, drawn) : x;
  });

/** One number per channel of [N, C, …spatial] or [C, …spatial]. */
/* @__NO_SIDE_EFFECTS__ */
const perChannel =
  (where: string, dims: SpatialDims) =>
  (x: Tensor): readonly number[] => {
    if (x.ndim !== dims + 1 && x.ndim !== dims + 2) {
      const names = spatialNames[dims];
      throw new ShapeError(
        `${where}: the input must be [N, C, ${names}] or [${dims === 2 ? "N, C, L" : `C, ${names}`}], got shape ${text(x.shape)}`,
      );
    }
    // Images without a batch are taken as a batch of lines, as in PyTorch.
    const kept = dims === 2 ? 2 : x.ndim - dims;
    return x.shape.map((size, dim) => (dim < kept ? size : 1));
  };

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
export const dropout: Dropout = dropping("dropout", drop);

/**
 * Sets whole channels of [N, C, L] or [C, L] to 0 with probability p, and divides the others by 1 - p. Same as
 * torch.nn.functional.dropout1d.
 *
 * @throws ValueError for p outside 0 to 1; ShapeError for input of other dims; DTypeError for dtypes that are no floats.
 */
export const dropout1d: Dropout = dropping("dropout1d", drop, perChannel("dropout1d", 1));

/**
 * Sets whole channels of [N, C, H, W] to 0 with probability p, and divides the others by 1 - p: neighbouring pixels say
 * the same. Three dims are taken as [N, C, L], as PyTorch does. Same as torch.nn.functional.dropout2d. Tompson et al.,
 * 2015, arXiv:1411.4280.
 *
 * @throws ValueError for p outside 0 to 1; ShapeError for input of other dims; DTypeError for dtypes that are no floats.
 */
export const dropout2d: Dropout = dropping("dropout2d", drop, perChannel("dropout2d", 2));

/**
 * Sets whole channels of [N, C, D, H, W] or [C, D, H, W] to 0 with probability p, and divides the others by 1 - p. Same as
 * torch.nn.functional.dropout3d.
 *
 * @throws ValueError for p outside 0 to 1; ShapeError for input of other dims; DTypeError for dtypes that are no floats.
 */
export const dropout3d: Dropout = dropping("dropout3d", drop, perChannel("dropout3d", 3));

/**
 * Drops for networks of `selu`: sets elements to its floor, -λα, with probability p, then scales and shifts so that mean
 * and variance stay. Drops only with `training: true`. Same as torch.nn.functional.alpha_dropout. Klambauer et al., 2017, arXiv:1706.02515.
 *
 * @throws ValueError for p outside 0 to 1; DTypeError for dtypes that are no floats.
 */
export const alphaDropout: Dropout = dropping("alphaDropout", alphaDrop, undefined, false);

/**
 * As `alphaDropout`, but whole channels of [N, C, …] at once; only with `training: true`. Same as torch.nn.functional.feature_alpha_dropout.
 *
 * @throws ValueError for p outside 0 to 1; ShapeError for less than two dims; DTypeError for dtypes that are no floats.
 */
export const featureAlphaDropout: Dropout = dropping(
  "featureAlphaDropout",
  alphaDrop,
  (x) => {
    if (x.ndim < 2)
      throw new ShapeError(`featureAlphaDropout: the input must be [N, C, …], got shape ${text(x.shape)}`);
    return x.shape.map((size, dim) => (dim < 2 ? size : 1));
  },
  false,
);
