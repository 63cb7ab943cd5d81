import { DTypeError, logsigmoid, ShapeError, Tensor } from "@downhill/core";
import { checkOptions, closedFormOf, composite, sameShape, show, text } from "@downhill/core/engine";
import { checkPair, checkReduction, type LossOptions, reduceLoss, type Reduction } from "./loss.js";

/** The options of `BCELoss`. */
export interface BCELossOptions extends LossOptions {
  /** Multiplies the loss of each element; broadcasts to the input. Default: all 1. */
  readonly weight?: Tensor | null;
}

/** The options of `BCEWithLogitsLoss`. */
export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** Weight of the positive class, which broadcasts to the input: above 1 favours recall, below 1 precision. */
  readonly posWeight?: Tensor | null;
}

interface Settings {
  readonly weight: Tensor | null;
  readonly posWeight: Tensor | null;
  readonly reduction: Reduction;
}

/** Checks a tensor that may be left out. */
export function checkWeights(where: string, name: string, weight: unknown = null): Tensor | null {
  if (weight === null || weight instanceof Tensor) return weight;
  throw new DTypeError(`${where}: ${name} must be a tensor, got ${show(weight)}`, "make one: tensor([…])");
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkBCE(
  where: string,
  options: BCEWithLogitsLossOptions = {},
  known: readonly string[] = [],
): Settings {
  checkOptions(where, options, ["weight", "reduction", ...known]);
  return {
    weight: checkWeights(where, "weight", options.weight),
    posWeight: checkWeights(where, "posWeight", options.posWeight),
    reduction: checkReduction(where, options.reduction),
  };
}

function checkEqual(where: string, input: Tensor, target: Tensor): void {
  if (input instanceof Tensor && target instanceof Tensor && !sameShape(input.shape, target.shape)) {
    throw new ShapeError(
      `${where}: the input has shape ${text(input.shape)}, the target ${text(target.shape)}`,
      "make them equal: target.viewAs(input)",
    );
  }
  checkPair(where, input, target);
}

const weighted = (loss: Tensor, { weight, reduction }: Settings): Tensor =>
  reduceLoss(weight === null ? loss : loss.mul(weight), reduction);

/** PyTorch's bound, a float32: at 0 and 1 the slope is large, not infinite. */
const EPSILON = 9.999999960041972e-13;

/** log(x), but no less than -100: PyTorch's bound, which keeps the loss finite. */
const boundedLog = (x: Tensor): Tensor => x.log().clampMin(-100);
const boundedLog1m = (x: Tensor): Tensor => x.neg().log1p().clampMin(-100);

/**
 * Averages -(y · log(x) + (1 - y) · log(1 - x)) of probabilities x from 0 to 1 and targets y of the same shape; the
 * logarithms are bounded by -100. An x outside 0 to 1 gives NaN, where PyTorch throws: values are not known yet. Same as
 * torch.nn.functional.binary_cross_entropy. Prefer `binaryCrossEntropyWithLogits`, which loses no digits.
 *
 * @throws ShapeError when the shapes differ.
 *
 * @example
 * functional.binaryCrossEntropy(tensor([0.5, 0.9]), tensor([0, 1])); // tensor(0.3993)
 */
export const binaryCrossEntropy: (input: Tensor, target: Tensor, options?: BCELossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: BCELossOptions) => {
    const settings = checkBCE("binaryCrossEntropy", options);
    checkEqual("binaryCrossEntropy", input, target);
    const y = target.to(input.dtype);
    const loss = closedFormOf(
      [input, y],
      () =>
        y
          .sub(1)
          .mul(boundedLog1m(input))
          .sub(y.mul(boundedLog(input))),
      (grad, _out, x, y) => [
        grad.mul(x.sub(y).div(x.mul(x.neg().add(1)).clampMin(EPSILON))),
        grad.mul(boundedLog1m(x).sub(boundedLog(x))),
      ],
    );
    return weighted(loss, settings);
  }, "binaryCrossEntropy");

/**
 * Averages -(p · y · log σ(x) + (1 - y) · log(1 - σ(x))) of logits x and targets y of the same shape, with the weight p of
 * positive targets. Exact for logits of any size. Same as torch.nn.functional.binary_cross_entropy_with_logits.
 *
 * @throws ShapeError when the shapes differ.
 *
 * @example
 * functional.binaryCrossEntropyWithLogits(tensor([0, 100]), tensor([1, 0])); // tensor(50.3466)
 */
export const binaryCrossEntropyWithLogits: (
  input: Tensor,
  target: Tensor,
  options?: BCEWithLogitsLossOptions,
) => Tensor = /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: BCEWithLogitsLossOptions) => {
  const settings = checkBCE("binaryCrossEntropyWithLogits", options, ["posWeight"]);
  checkEqual("binaryCrossEntropyWithLogits", input, target);
  const { posWeight } = settings;
  const positive = posWeight === null ? target : target.mul(posWeight);
  // Two logarithms, as their difference from x would cancel for confident right answers.
  const loss = target
    .sub(1)
    .mul(logsigmoid(input.neg()))
    .sub(positive.mul(logsigmoid(input)));
  return weighted(loss, settings);
}, "binaryCrossEntropyWithLogits");
