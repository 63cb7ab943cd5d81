import { checkOptions } from "../../errors.js";
import { isFloat } from "../../dtype.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkTensor } from "../define.js";
import type { Dims, ReduceOptions, SumOptions } from "../reduce.js";
import { where } from "../where.js";
import { mean, std, type VarianceOptions, var as variance } from "./statistics.js";

type Both = (x: Tensor, dim?: Dims | null, options?: VarianceOptions) => [spread: Tensor, mean: Tensor];

/* @__NO_SIDE_EFFECTS__ */
const withMean = (name: string, of: (x: Tensor, dim?: Dims | null, options?: VarianceOptions) => Tensor): Both =>
  composite((x: Tensor, dim?: Dims | null, options: VarianceOptions = {}): [Tensor, Tensor] => {
    checkTensor(name, x);
    return [of(x, dim, options), mean(x, dim, { keepdim: options.keepdim ?? false })];
  });

/**
 * Computes standard deviation and mean: [std, mean]; see `std`. Gradients: as of `std` and `mean`. Same as torch.std_mean.
 */
export const stdMean: Both = withMean("stdMean", std);
/** Computes variance and mean: [var, mean]; see `var`. Gradients: as of `var` and `mean`. Same as torch.var_mean. */
export const varMean: Both = withMean("varMean", variance);

/**
 * Takes the least and the greatest element of all, or along a dim: [min, max]. Ties share the gradient. Same as
 * torch.aminmax.
 */
export const aminmax: (x: Tensor, options?: ReduceOptions & { readonly dim?: number }) => [min: Tensor, max: Tensor] =
  composite((x: Tensor, options: ReduceOptions & { readonly dim?: number } = {}): [Tensor, Tensor] => {
    checkTensor("aminmax", x);
    checkOptions("aminmax", options, ["dim", "keepdim"]);
    const { dim = null, keepdim = false } = options;
    return [x.amin(dim, { keepdim }), x.amax(dim, { keepdim })];
  });

type Sum = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

const numbers = (x: Tensor): Tensor => (isFloat(x.dtype) ? where(x.ne(x), 0, x) : x);

/** Adds up the elements that are not NaN. Gradient: grad where x is not NaN, else 0. Same as torch.nansum. */
export const nansum: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("nansum", x);
  return numbers(x).sum(dim, options);
});

/**
 * Averages the elements that are not NaN; NaN where all are. Gradient: grad / count where x is not NaN, else 0. Same as
 * torch.nanmean.
 */
export const nanmean: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("nanmean", x);
  checkOptions("nanmean", options, ["keepdim", "dtype"]);
  const y = options.dtype === undefined ? x : x.to(options.dtype);
  const count = y.eq(y).sum(dim, { keepdim: options.keepdim ?? false });
  return numbers(y)
    .sum(dim, { keepdim: options.keepdim ?? false })
    .div(count);
});
