import { norm, type Tensor } from "@downhill/core";
import { broadcast, checkFloat, checkOptions, composite, show, ValueError } from "@downhill/core/engine";
import { checkNotNegative, checkNumber, checkSwitch } from "../option-checks.js";

/** The options of `PairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Which norm. Default 2. */
  readonly p?: number;
  /** Added to each difference, so that the slope exists at 0. Default 1e-6. */
  readonly eps?: number;
  /** Keep the last dim, with size 1. Default false. */
  readonly keepdim?: boolean;
}

/** The options of `CosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** The dim of the vectors. Default 1. */
  readonly dim?: number;
  /** The least length of a vector. Default 1e-8. */
  readonly eps?: number;
}

/** The options of `functional.normalize`. */
export interface NormalizeOptions {
  /** Which norm. Default 2. */
  readonly p?: number;
  /** The dim of the vectors. Default 1. */
  readonly dim?: number;
  /** The least length of a vector. Default 1e-12. */
  readonly eps?: number;
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkDistance(where: string, options: PairwiseDistanceOptions = {}): Required<PairwiseDistanceOptions> {
  checkOptions(where, options, ["p", "eps", "keepdim"]);
  return {
    p: checkNumber(where, "p", options.p, 2),
    eps: checkNumber(where, "eps", options.eps, 1e-6),
    keepdim: checkSwitch(where, "keepdim", options.keepdim, false),
  };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkSimilarity(
  where: string,
  options: CosineSimilarityOptions = {},
): Required<CosineSimilarityOptions> {
  checkOptions(where, options, ["dim", "eps"]);
  return { dim: checkDim(where, options.dim), eps: checkNotNegative(where, "eps", options.eps, 1e-8) };
}

function checkDim(where: string, dim: unknown = 1): number {
  if (Number.isInteger(dim)) return dim as number;
  throw new ValueError(`${where}: dim must be an integer, got ${show(dim)}`);
}

/** The p-norm of x1 - x2 + eps over the last dim. */
export const distance = (x1: Tensor, x2: Tensor, { p, eps, keepdim }: Required<PairwiseDistanceOptions>): Tensor =>
  norm(x1.sub(x2).add(eps), p, -1, { keepdim });

type OfTwo<Options> = (x1: Tensor, x2: Tensor, options?: Options) => Tensor;

/**
 * Computes the p-norm of x1 - x2 + eps over the last dim: [N, D] gives [N]. Same as
 * torch.nn.functional.pairwise_distance.
 *
 * @throws ShapeError when the shapes do not broadcast.
 *
 * @example
 * functional.pairwiseDistance(tensor([[3, 4]]), tensor([[0, 0]])); // tensor([5.0000])
 */
export const pairwiseDistance: OfTwo<PairwiseDistanceOptions> = /* @__PURE__ */ composite(
  (x1: Tensor, x2: Tensor, options?: PairwiseDistanceOptions) => {
    const settings = checkDistance("pairwiseDistance", options);
    checkFloat("pairwiseDistance", x1);
    checkFloat("pairwiseDistance", x2);
    broadcast("pairwiseDistance", x1.shape, x2.shape);
    return distance(x1, x2, settings);
  },
  "pairwiseDistance",
);

/**
 * Computes x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)) along a dim: [N, D] gives [N]. The
 * gradient passes at lengths below eps. Same as torch.nn.functional.cosine_similarity.
 *
 * @throws ShapeError when the shapes do not broadcast.
 *
 * @example
 * functional.cosineSimilarity(tensor([[1, 0], [1, 1]]), tensor([[0, 2], [2, 2]])); // tensor([0.0000, 1.0000])
 */
export const cosineSimilarity: OfTwo<CosineSimilarityOptions> = /* @__PURE__ */ composite(
  (x1: Tensor, x2: Tensor, options?: CosineSimilarityOptions) => {
    const { dim, eps } = checkSimilarity("cosineSimilarity", options);
    checkFloat("cosineSimilarity", x1);
    checkFloat("cosineSimilarity", x2);
    broadcast("cosineSimilarity", x1.shape, x2.shape);
    const unit = (x: Tensor): Tensor => {
      const square = x.square().sum(dim, { keepdim: true });
      return x.div(
        square
          .add(
            square
              .clampMin(eps * eps)
              .sub(square)
              .detach(),
          )
          .sqrt(),
      );
    };
    return unit(x1).mul(unit(x2)).sum(dim);
  },
  "cosineSimilarity",
);

/**
 * Divides the vectors along a dim by their p-norm, or by eps where that is larger. Same as
 * torch.nn.functional.normalize.
 *
 * @example
 * functional.normalize(tensor([[3, 4]])); // tensor([[0.6000, 0.8000]])
 */
export const normalize: (x: Tensor, options?: NormalizeOptions) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, options: NormalizeOptions = {}) => {
    checkOptions("normalize", options, ["p", "dim", "eps"]);
    checkFloat("normalize", x);
    const dim = checkDim("normalize", options.dim);
    const length = norm(x, checkNumber("normalize", "p", options.p, 2), dim, { keepdim: true });
    return x.div(length.clampMin(checkNotNegative("normalize", "eps", options.eps, 1e-12)));
  },
  "normalize",
);
