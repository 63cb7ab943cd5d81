import { ShapeError, type Tensor, where } from "@downhill/core";
import { checkFloat, checkOptions, composite, sameShape, show, text, ValueError } from "@downhill/core/engine";
import { checkPositive, checkSwitch } from "../option-checks.js";
import { checkPair, checkReduction, type LossOptions, reduceLoss, type Reduction } from "./loss.js";

/** The options of `KLDivLoss`. */
export interface KLDivLossOptions {
  /** "batchmean" divides the sum by the first size, which is what the divergence is. Default "mean", over all elements. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target holds log-probabilities. Default false. */
  readonly logTarget?: boolean;
}

/** The options of `GaussianNLLLoss`. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Adds the constant ½ · log(2π). Default false. */
  readonly full?: boolean;
  /** The least variance. Default 1e-6. */
  readonly eps?: number;
}

/** The options of `PoissonNLLLoss`. */
export interface PoissonNLLLossOptions extends LossOptions {
  /** Whether the input holds logarithms of rates. Default true. */
  readonly logInput?: boolean;
  /** Adds Stirling's approximation of log(target!) for targets above 1. Default false. */
  readonly full?: boolean;
  /** Added to a rate before its logarithm, where `logInput` is false. Default 1e-8. */
  readonly eps?: number;
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkKLDiv(name: string, options: KLDivLossOptions = {}): Required<KLDivLossOptions> {
  checkOptions(name, options, ["reduction", "logTarget"]);
  const { reduction = "mean" } = options;
  if (!["mean", "sum", "none", "batchmean"].includes(reduction))
    throw new ValueError(
      `${name}: reduction must be "mean", "batchmean", "sum" or "none", got ${show(options.reduction)}`,
    );
  return { reduction, logTarget: checkSwitch(name, "logTarget", options.logTarget, false) };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkGaussian(name: string, options: GaussianNLLLossOptions = {}): Required<GaussianNLLLossOptions> {
  checkOptions(name, options, ["full", "eps", "reduction"]);
  return {
    full: checkSwitch(name, "full", options.full, false),
    eps: checkPositive(name, "eps", options.eps, 1e-6),
    reduction: checkReduction(name, options.reduction),
  };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkPoisson(name: string, options: PoissonNLLLossOptions = {}): Required<PoissonNLLLossOptions> {
  checkOptions(name, options, ["logInput", "full", "eps", "reduction"]);
  return {
    logInput: checkSwitch(name, "logInput", options.logInput, true),
    full: checkSwitch(name, "full", options.full, false),
    eps: checkPositive(name, "eps", options.eps, 1e-8),
    reduction: checkReduction(name, options.reduction),
  };
}

/**
 * Averages target · (log(target) - input), the Kullback-Leibler divergence of log-probabilities `input` from
 * probabilities `target`; a target of 0 counts 0. Same as torch.nn.functional.kl_div.
 *
 * @throws ShapeError when the shapes do not broadcast (warns where they do but differ).
 *
 * @example
 * const input = tensor([[1, 2, 3]]).logSoftmax(1);
 * functional.klDiv(input, tensor([[0, 0.5, 0.5]]), { reduction: "batchmean" }); // tensor(0.2145)
 */
export const klDiv: (input: Tensor, target: Tensor, options?: KLDivLossOptions) => Tensor = /* @__PURE__ */ composite(
  (input: Tensor, target: Tensor, options?: KLDivLossOptions) => {
    const { reduction, logTarget } = checkKLDiv("klDiv", options);
    checkPair("klDiv", input, target);
    const loss = logTarget ? target.exp().mul(target.sub(input)) : entropy(target).sub(target.mul(input));
    if (reduction !== "batchmean") return reduceLoss(loss, reduction);
    return input.ndim === 0 ? loss : loss.sum().div(input.shape[0]!);
  },
  "klDiv",
);

/** p · log(p), which is 0 at 0. */
function entropy(p: Tensor): Tensor {
  const none = p.eq(0);
  return where(none, 0, p.mul(where(none, 1, p).log()));
}

/**
 * Averages ½ · (log(var) + (input - target)² / var), the negative log-likelihood of targets that are normal about
 * `input`. The variance has the input's shape, or one number for each row: the input's shape without its last size, or
 * with a last size of 1. Below `eps` it counts as `eps`; its gradient passes. Same as
 * torch.nn.functional.gaussian_nll_loss.
 *
 * @throws ShapeError for other shapes of the variance.
 *
 * @example
 * functional.gaussianNllLoss(tensor([1, 2]), tensor([1, 4]), tensor([1, 4])); // tensor(0.5966)
 */
export const gaussianNllLoss: (
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: GaussianNLLLossOptions,
) => Tensor = /* @__PURE__ */ composite(
  (input: Tensor, target: Tensor, variance: Tensor, options?: GaussianNLLLossOptions) => {
    const { full, eps, reduction } = checkGaussian("gaussianNllLoss", options);
    checkPair("gaussianNllLoss", input, target);
    const given = perElement(input, variance);
    const spread = given.add(given.clampMin(eps).sub(given).detach());
    const loss = spread.log().add(input.sub(target).square().div(spread)).mul(0.5);
    return reduceLoss(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
  },
  "gaussianNllLoss",
);

/** The variance with the input's dims. */
function perElement(input: Tensor, variance: Tensor): Tensor {
  checkFloat("gaussianNllLoss", variance);
  const { shape } = input;
  if (sameShape(variance.shape, shape)) return variance;
  const rows = shape.slice(0, -1);
  if (shape.length > 0 && sameShape(variance.shape, rows)) return variance.unsqueeze(-1);
  if (shape.length > 0 && sameShape(variance.shape, [...rows, 1])) return variance;
  throw new ShapeError(
    `gaussianNllLoss: for input ${text(shape)} the variance must have shape ${text(shape)}, ${text([...rows, 1])} or ${text(rows)}, got ${text(variance.shape)}`,
  );
}

/**
 * Averages exp(input) - target · input, the negative log-likelihood of counts whose logarithm of the rate is `input`; or
 * input - target · log(input + eps), where the input is the rate. Same as torch.nn.functional.poisson_nll_loss.
 *
 * @throws ShapeError when the shapes do not broadcast (warns where they do but differ).
 *
 * @example
 * functional.poissonNllLoss(tensor([0, 1]), tensor([1, 3])); // tensor(0.3591)
 */
export const poissonNllLoss: (input: Tensor, target: Tensor, options?: PoissonNLLLossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: PoissonNLLLossOptions) => {
    const { logInput, full, eps, reduction } = checkPoisson("poissonNllLoss", options);
    checkPair("poissonNllLoss", input, target);
    const loss = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
    return reduceLoss(full ? loss.add(stirling(target.to(input.dtype))) : loss, reduction);
  }, "poissonNllLoss");

/** n · log(n) - n + ½ · log(2πn) ≈ log(n!), and 0 up to 1. */
function stirling(counts: Tensor): Tensor {
  const n = where(counts.gt(1), counts, 1);
  const approximation = n.mul(n.log()).sub(n).add(n.mul(2 * Math.PI).log().mul(0.5)); // prettier-ignore
  return where(counts.gt(1), approximation, 0);
}
