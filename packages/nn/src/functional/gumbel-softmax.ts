import type { Tensor } from "@downhill/core";
import { checkDim, checkFlag, checkFloat, checkOptions, composite, iota, uniformNoise } from "@downhill/core/engine";
import { checkPositive } from "../option-checks.js";

/** The options of `functional.gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** The smaller, the nearer to a choice of one. Default 1. */
  readonly tau?: number;
  /** Give exactly 1 for the chosen and 0 for the others, with the gradient of the soft choice. Default false. */
  readonly hard?: boolean;
  /** The dim of the choice. Default -1. */
  readonly dim?: number;
}

/** The least number whose logarithm does not overflow. */
const least = 1e-30;

/**
 * Chooses among logits at random, with probabilities that are their softmax, in a way that has a gradient: the softmax of
 * (logits + Gumbel's noise) / tau. The noise follows from `manualSeed`, and is not PyTorch's. Same as
 * torch.nn.functional.gumbel_softmax. Jang, Gu and Poole, 2017, arXiv:1611.01144; Maddison, Mnih and Teh, 2017,
 * arXiv:1611.00712.
 *
 * @throws ValueError for a tau that is not above 0; DTypeError for dtypes that are no floats.
 *
 * @example
 * manualSeed(0);
 * functional.gumbelSoftmax(zeros([2, 3]), { hard: true }).sum(-1); // tensor([1., 1.])
 */
export const gumbelSoftmax: (logits: Tensor, options?: GumbelSoftmaxOptions) => Tensor = /* @__PURE__ */ composite(
  (logits: Tensor, options: GumbelSoftmaxOptions = {}) => {
    const where = "gumbelSoftmax";
    checkOptions(where, options, ["tau", "hard", "dim"]);
    checkFloat(where, logits);
    checkFlag(`${where}: hard`, options.hard);
    const tau = checkPositive(where, "tau", options.tau, 1);
    const dim = checkDim(where, options.dim ?? -1, logits.ndim);
    // -log(1 - u) is exponential, and -log of that Gumbel's.
    const waiting = uniformNoise(logits.shape, logits.dtype, logits.device).neg().log1p().neg();
    const soft = logits.sub(waiting.clampMin(least).log()).div(tau).softmax(dim);
    if (options.hard !== true) return soft;
    const places = iota(logits.shape[dim]!, logits.device);
    const along = places.reshape(logits.shape.map((size, d) => (d === dim ? size : 1)));
    const chosen = soft.detach().argmax(dim, { keepdim: true }).eq(along).to(logits.dtype);
    return chosen.sub(soft.detach()).add(soft);
  },
);
