import { logsigmoid, type Tensor } from "@downhill/core";
import { checkOptions, composite } from "@downhill/core/engine";
import { type BCELossOptions, checkWeights } from "./binary-cross-entropy.js";
import { checkPair, checkReduction, type LossOptions, reduceLoss } from "./loss.js";

/** The options of `MultiLabelSoftMarginLoss`. */
export type MultiLabelSoftMarginLossOptions = BCELossOptions;

/**
 * Averages log(1 + exp(-target · input)), with targets of 1 and -1. Exact for inputs of any size. Same as
 * torch.nn.functional.soft_margin_loss.
 *
 * @example
 * functional.softMarginLoss(tensor([0, 100]), tensor([1, -1])); // tensor(50.3466)
 */
export const softMarginLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options: LossOptions = {}) => {
    checkOptions("softMarginLoss", options, ["reduction"]);
    const reduction = checkReduction("softMarginLoss", options.reduction);
    checkPair("softMarginLoss", input, target);
    return reduceLoss(logsigmoid(input.mul(target)).neg(), reduction);
  }, "softMarginLoss");

/**
 * Averages the binary cross entropy of logits and targets of 0 or 1, [C] or [N, C], over classes, and then over the batch.
 * Same as torch.nn.functional.multilabel_soft_margin_loss.
 *
 * @example
 * functional.multilabelSoftMarginLoss(tensor([[0, 100]]), tensor([[1, 0]])); // tensor(50.3466)
 */
export const multilabelSoftMarginLoss: (
  input: Tensor,
  target: Tensor,
  options?: MultiLabelSoftMarginLossOptions,
) => Tensor = /* @__PURE__ */ composite(
  (input: Tensor, target: Tensor, options: MultiLabelSoftMarginLossOptions = {}) => {
    checkOptions("multilabelSoftMarginLoss", options, ["weight", "reduction"]);
    const reduction = checkReduction("multilabelSoftMarginLoss", options.reduction);
    const weight = checkWeights("multilabelSoftMarginLoss", "weight", options.weight);
    checkPair("multilabelSoftMarginLoss", input, target);
    const loss = target.sub(1).mul(logsigmoid(input.neg())).sub(target.mul(logsigmoid(input))); // prettier-ignore
    return reduceLoss((weight === null ? loss : loss.mul(weight)).mean(-1), reduction);
  },
);
