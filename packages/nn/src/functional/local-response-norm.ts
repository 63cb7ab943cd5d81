import { ShapeError, type Tensor } from "@downhill/core";
import { checkCount, checkFloat, checkOptions, composite, text } from "@downhill/core/engine";
import { checkNumber } from "../option-checks.js";

/** The options of `functional.localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Factor of the mean square. Default 1e-4. */
  readonly alpha?: number;
  /** Exponent of the divisor. Default 0.75. */
  readonly beta?: number;
  /** Added to the mean square. Default 1. */
  readonly k?: number;
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkLocalResponseNorm(
  where: string,
  options: LocalResponseNormOptions = {},
): Required<LocalResponseNormOptions> {
  checkOptions(where, options, ["alpha", "beta", "k"]);
  return {
    alpha: checkNumber(where, "alpha", options.alpha, 1e-4),
    beta: checkNumber(where, "beta", options.beta, 0.75),
    k: checkNumber(where, "k", options.k, 1),
  };
}

type LocalResponseNormFunction = (x: Tensor, size: number, options?: LocalResponseNormOptions) => Tensor;

/**
 * Divides each element of [N, C, …] by (k + alpha · m)^beta, where m is the mean square of `size` neighbouring channels
 * (zeros beyond the first and the last). Same as torch.nn.functional.local_response_norm. Krizhevsky et al., 2012.
 *
 * @throws ShapeError for less than three dims; DTypeError for dtypes that are no floats.
 *
 * @example
 * functional.localResponseNorm(tensor([[[1], [2]]]), 2, { alpha: 2, beta: 1 }); // tensor([[[0.5000], [0.3333]]])
 */
export const localResponseNorm: LocalResponseNormFunction = /* @__PURE__ */ composite(
  (x: Tensor, size: number, options?: LocalResponseNormOptions) => {
    const { alpha, beta, k } = checkLocalResponseNorm("localResponseNorm", options);
    checkCount("localResponseNorm", "size", size, 1);
    checkFloat("localResponseNorm", x);
    if (x.ndim < 3)
      throw new ShapeError(`localResponseNorm: the input must be [N, C, L, …], got shape ${text(x.shape)}`);
    const others = new Array<number>(2 * (x.ndim - 2)).fill(0);
    const around = x.square().pad([...others, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
    return x.div(around.unfold(1, size, 1).mean(-1).mul(alpha).add(k).pow(beta));
  },
);
