import { DTypeError, ShapeError, Tensor } from "@downhill/core";
import {
  checkCount,
  checkFloat,
  checkOptions,
  composite,
  sameShape,
  show,
  text,
  throughFloat32,
  ValueError,
} from "@downhill/core/engine";
import { rootMeanSquare, standardize } from "./standardize.js";

/** The options of `functional.layerNorm` and `functional.groupNorm`. */
export interface NormOptions {
  /** Added to the variance under the root. Default 1e-5. */
  readonly eps?: number;
}

/** Checks a number that is added under a root; left out it is 1e-5. */
export function checkEps(where: string, eps: unknown = 1e-5): number {
  if (typeof eps === "number" && eps >= 0) return eps;
  throw new ValueError(`${where}: eps must be a number of 0 or more, got ${show(eps)}`);
}

/** Checks the shape that a norm runs over: one size, or several. */
export function checkNormalizedShape(where: string, shape: unknown): readonly number[] {
  const sizes: unknown = typeof shape === "number" ? [shape] : shape;
  if (Array.isArray(sizes) && sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= 0))
    return sizes.slice() as number[];
  throw new ShapeError(
    `${where}: normalizedShape must be a size or an array of at least one, got ${show(shape)}`,
    "it is the sizes of the input's last dims: [6] for inputs [..., 6]",
  );
}

/** Checks a weight, a bias or running statistics: a tensor of a known shape and of the input's dtype, or of float32 beside float16; or null. */
export function checkAffine(where: string, name: string, value: unknown, shape: readonly number[], x: Tensor): void {
  if (value === null) return;
  if (!(value instanceof Tensor))
    throw new DTypeError(`${where}: the ${name} must be a tensor or null, got ${show(value)}`, "make one: ones([…])");
  if (!sameShape(value.shape, shape))
    throw new ShapeError(`${where}: the ${name} must have shape ${text(shape)}, got ${text(value.shape)}`);
  // Half an input is normalised in float32 anyway.
  if (value.dtype !== x.dtype && (x.dtype !== "float16" || value.dtype !== "float32"))
    throw new DTypeError(
      `${where}: the input is ${x.dtype}, the ${name} ${value.dtype}`,
      `convert one: x.to("${value.dtype}")`,
    );
}

/** x · weight + bias, where either may be missing. */
export function scaleAndShift(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const scaled = weight === null ? x : x.mul(weight);
  return bias === null ? scaled : scaled.add(bias);
}

/** The last dims of x, which must have these sizes. */
function lastDims(where: string, x: Tensor, sizes: readonly number[]): number[] {
  const lead = x.ndim - sizes.length;
  if (lead < 0 || !sameShape(x.shape.slice(lead), sizes))
    throw new ShapeError(
      `${where}: the input's last sizes must be ${text(sizes)} (normalizedShape), got shape ${text(x.shape)}`,
    );
  return sizes.map((_, i) => lead + i);
}

type LayerNormFunction = (
  x: Tensor,
  normalizedShape: number | readonly number[],
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: NormOptions,
) => Tensor;

/**
 * Brings each stretch of the last dims, of sizes `normalizedShape`, to mean 0 and variance 1, then scales and shifts:
 * (x - mean) / √(variance + eps) · weight + bias, with the biased variance, and weight and bias of `normalizedShape`.
 * Same as torch.nn.functional.layer_norm. Ba, Kiros and Hinton, 2016, arXiv:1607.06450.
 *
 * @throws ShapeError when sizes do not fit; DTypeError for dtypes that are no floats or differ.
 *
 * @example
 * const x = tensor([[1, 2, 3], [4, 4, 10]]);
 * functional.layerNorm(x, [3]).mul(100).round(); // tensor([[-122.,    0.,  122.], [ -71.,  -71.,  141.]])
 */
export const layerNorm: LayerNormFunction = /* @__PURE__ */ composite(
  (
    x: Tensor,
    normalizedShape: number | readonly number[],
    weight: Tensor | null = null,
    bias: Tensor | null = null,
    options: NormOptions = {},
  ) => {
    checkOptions("layerNorm", options, ["eps"]);
    const eps = checkEps("layerNorm", options.eps);
    checkFloat("layerNorm", x);
    const sizes = checkNormalizedShape("layerNorm", normalizedShape);
    const dims = lastDims("layerNorm", x, sizes);
    checkAffine("layerNorm", "weight", weight, sizes, x);
    checkAffine("layerNorm", "bias", bias, sizes, x);
    return throughFloat32(x, (wide) => scaleAndShift(standardize(wide, dims, eps).normalized, weight, bias));
  },
  "layerNorm",
);

/** The distance from 1 to the next larger number: what rmsNorm adds under its root unless told otherwise. */
const spacing = { float16: 2 ** -10, float32: 2 ** -23, float64: 2 ** -52 } as const;

/** The options of `functional.rmsNorm`. */
export interface RMSNormOptions {
  /** Added to the mean square under the root. Default null: 2⁻¹⁰ for float16, 2⁻²³ for float32, 2⁻⁵² for float64. */
  readonly eps?: number | null;
}

type RMSNormFunction = (
  x: Tensor,
  normalizedShape: number | readonly number[],
  weight?: Tensor | null,
  options?: RMSNormOptions,
) => Tensor;

/**
 * Divides each stretch of the last dims, of sizes `normalizedShape`, by its root mean square, then scales:
 * x / √(mean(x²) + eps) · weight. Same as torch.nn.functional.rms_norm. Zhang and Sennrich, 2019, arXiv:1910.07467.
 *
 * @throws ShapeError when sizes do not fit; DTypeError for dtypes that are no floats or differ.
 *
 * @example
 * functional.rmsNorm(tensor([3, 4, 5, 0]), 4).mul(100).round(); // tensor([ 85., 113., 141.,   0.])
 */
export const rmsNorm: RMSNormFunction = /* @__PURE__ */ composite(
  (
    x: Tensor,
    normalizedShape: number | readonly number[],
    weight: Tensor | null = null,
    options: RMSNormOptions = {},
  ) => {
    checkOptions("rmsNorm", options, ["eps"]);
    checkFloat("rmsNorm", x);
    const eps = checkEps("rmsNorm", options.eps ?? spacing[x.dtype as keyof typeof spacing]);
    const sizes = checkNormalizedShape("rmsNorm", normalizedShape);
    const dims = lastDims("rmsNorm", x, sizes);
    checkAffine("rmsNorm", "weight", weight, sizes, x);
    return throughFloat32(x, (wide) => scaleAndShift(rootMeanSquare(wide, dims, eps), weight, null));
  },
);

type GroupNormFunction = (
  x: Tensor,
  numGroups: number,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options?: NormOptions,
) => Tensor;

/** What has one element per channel, as it broadcasts to [N, C, …]. */
export const perChannel = (value: Tensor | null, x: Tensor): Tensor | null =>
  value === null || x.ndim <= 2 ? value : value.reshape([-1, ...new Array<number>(x.ndim - 2).fill(1)]);

/**
 * Brings each group of channels of each sample of [N, C, …] to mean 0 and variance 1, then scales and shifts each
 * channel: weight and bias are [C]. Same as torch.nn.functional.group_norm. Wu and He, 2018, arXiv:1803.08494.
 *
 * @throws ShapeError when the channels do not divide into the groups, or sizes do not fit; DTypeError for dtypes that
 * are no floats or differ.
 *
 * @example
 * const x = tensor([[1, 3, 0, 4]]);
 * functional.groupNorm(x, 2).round(); // tensor([[-1.,  1., -1.,  1.]])
 */
export const groupNorm: GroupNormFunction = /* @__PURE__ */ composite(
  (
    x: Tensor,
    numGroups: number,
    weight: Tensor | null = null,
    bias: Tensor | null = null,
    options: NormOptions = {},
  ) => {
    checkOptions("groupNorm", options, ["eps"]);
    const eps = checkEps("groupNorm", options.eps);
    checkFloat("groupNorm", x);
    checkCount("groupNorm", "numGroups", numGroups, 1);
    if (x.ndim < 2) throw new ShapeError(`groupNorm: the input must be [N, C, …], got shape ${text(x.shape)}`);
    const [samples, channels] = x.shape as readonly [number, number];
    if (channels % numGroups !== 0)
      throw new ShapeError(
        `groupNorm: ${channels} channels do not divide into ${numGroups} groups, got shape ${text(x.shape)}`,
      );
    checkAffine("groupNorm", "weight", weight, [channels], x);
    checkAffine("groupNorm", "bias", bias, [channels], x);
    const size = (channels / numGroups) * x.shape.slice(2).reduce((product, n) => product * n, 1);
    return throughFloat32(x, (wide) => {
      const { normalized } = standardize(wide.reshape([samples, numGroups, size]), [2], eps);
      return scaleAndShift(normalized.reshape(x.shape), perChannel(weight, x), perChannel(bias, x));
    });
  },
  "groupNorm",
);
