import type { Tensor } from "@downhill/core";
import { checkOptions, composite, sizeOf } from "@downhill/core/engine";
import { needNumber } from "../option-checks.js";
import { checkExtent, type Extent, type SpatialDims } from "./extent.js";
import { avgPool1d, avgPool2d, avgPool3d } from "./pooling.js";

/** The options of `functional.lpPool1d` and its relatives. */
export interface LPPoolOptions {
  /** Elements from one window to the next. Default: the kernel size, side by side. */
  readonly stride?: Extent | null;
  /** Also take a last window that does not fit whole. Default false. */
  readonly ceilMode?: boolean;
}

type LPPool = (x: Tensor, normType: number, kernelSize: Extent, options?: LPPoolOptions) => Tensor;

const averages = [avgPool1d, avgPool2d, avgPool3d] as const;

/* @__NO_SIDE_EFFECTS__ */
const power = (where: string, dims: SpatialDims): LPPool =>
  composite((x: Tensor, normType: number, kernelSize: Extent, options: LPPoolOptions = {}) => {
    checkOptions(where, options, ["stride", "ceilMode"]);
    needNumber(where, "normType", normType);
    const kernel = checkExtent(where, "kernelSize", kernelSize, dims, 1);
    const mean = averages[dims - 1]!(x.pow(normType), kernel, options);
    return mean.sign().mul(mean.abs().relu()).mul(sizeOf(kernel)).pow(1 / normType); // prettier-ignore
  });

/**
 * Takes (Σ x^p)^(1/p) of each window of the last dim, p = `normType`; sizes as in `avgPool1d`. Same as
 * torch.nn.functional.lp_pool1d.
 *
 * @throws ShapeError for a kernel that does not fit.
 *
 * @example
 * functional.lpPool1d(tensor([[3, 4, 0, 2]]), 2, 2); // tensor([[5., 2.]])
 */
export const lpPool1d: LPPool = power("lpPool1d", 1);

/**
 * Takes (Σ x^p)^(1/p) of each window of the last two dims, p = `normType`; sizes as in `avgPool2d`. Same as
 * torch.nn.functional.lp_pool2d.
 *
 * @throws ShapeError for a kernel that does not fit.
 */
export const lpPool2d: LPPool = power("lpPool2d", 2);

/**
 * Takes (Σ x^p)^(1/p) of each window of the last three dims, p = `normType`; sizes as in `avgPool3d`. Same as
 * torch.nn.functional.lp_pool3d.
 *
 * @throws ShapeError for a kernel that does not fit.
 */
export const lpPool3d: LPPool = power("lpPool3d", 3);
