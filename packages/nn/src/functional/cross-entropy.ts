import { DTypeError, ShapeError, Tensor, where } from "@downhill/core";
import {
  checkFloat,
  checkOptions,
  checkTensor,
  composite,
  readAlong,
  sameShape,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";
import { checkReduction, type LossOptions, reduceLoss, type Reduction } from "./loss.js";

/** The options of `NLLLoss`. */
export interface NLLLossOptions extends LossOptions {
  /** Weight of each class, [C]. Default: all 1. */
  readonly weight?: Tensor | null;
  /** Targets of this value count for nothing. Default -100. */
  readonly ignoreIndex?: number;
}

/** The options of `CrossEntropyLoss` and `functional.crossEntropy`. */
export interface CrossEntropyOptions extends NLLLossOptions {
  /** How much of the target is spread evenly over all classes, 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

type ClassLoss<Options> = (input: Tensor, target: Tensor, options?: Options) => Tensor;
type Name = "crossEntropy" | "nllLoss";

/** The dim of the classes: the only one, or the one after the batch's. */
const classDim = (input: Tensor): number => (input.ndim === 1 ? 0 : 1);

function checkInput(name: Name, input: unknown): asserts input is Tensor {
  checkFloat(name, input);
  if (input.ndim === 0)
    throw new ShapeError(`${name}: the input must be [C], [N, C] or [N, C, d1, …], got a 0-d tensor`);
}

function checkWeight(name: Name, input: Tensor, weight: Tensor | null): void {
  if (weight === null) return;
  if (!(weight instanceof Tensor))
    throw new DTypeError(`${name}: weight must be a tensor, got ${show(weight)}`, "make one: tensor([…])");
  const classes = input.shape[classDim(input)]!;
  if (weight.ndim !== 1 || weight.shape[0] !== classes) {
    throw new ShapeError(
      `${name}: the weight must have one number per class, [${classes}], got shape ${text(weight.shape)}`,
    );
  }
  if (weight.dtype !== input.dtype) {
    throw new DTypeError(
      `${name}: the input is ${input.dtype}, the weight ${weight.dtype}`,
      `convert it with weight.to("${input.dtype}")`,
    );
  }
}

/** The target as int32 classes of the right shape. */
function checkClasses(name: Name, input: Tensor, target: Tensor): Tensor {
  const wanted = input.shape.toSpliced(classDim(input), 1);
  if (!sameShape(target.shape, wanted)) {
    const hint =
      target.numel() === wanted.reduce((size, n) => size * n, 1) && target.ndim === wanted.length + 1
        ? "take the dim of size 1 away with target.squeeze()"
        : undefined;
    throw new ShapeError(
      `${name}: for input ${text(input.shape)} the classes must have shape ${text(wanted)}, got ${text(target.shape)}`,
      hint,
    );
  }
  if (target.dtype === "int32") return target;
  if (target.dtype === "uint8") return target.to("int32");
  throw new DTypeError(
    `${name}: classes must be int32, got ${target.dtype}`,
    `convert them with target.to("int32")${name === "crossEntropy" ? `; class probabilities need the input's shape ${text(input.shape)}` : ""}`,
  );
}

/** Weights per class as a tensor that broadcasts to the input. */
const along = (weight: Tensor, input: Tensor): Tensor =>
  input.ndim <= 2 ? weight : weight.reshape([-1, ...new Array<number>(input.ndim - 2).fill(1)]);

/** What both forms of the loss by class need: which targets count, and for how much. */
interface Counted {
  /** Log-probabilities of the target classes. */
  readonly picked: Tensor;
  readonly ignored: Tensor;
  /** Weight of each target, 0 where it is ignored; null for 1 everywhere but there. */
  readonly weights: Tensor | null;
}

function count(name: Name, logs: Tensor, target: Tensor, weight: Tensor | null, ignoreIndex: number): Counted {
  const dim = classDim(logs);
  const ignored = target.eq(ignoreIndex);
  // An ignored class is nearly always out of range: read another in its place.
  const classes = where(ignored, 0, target);
  const column = classes.unsqueeze(logs.ndim === 1 ? 0 : dim);
  const picked = readAlong(logs, dim, column, column.shape, { caller: name, named: -1 }).reshape(target.shape);
  if (weight === null) return { picked, ignored, weights: null };
  const flat = classes.reshape([-1]);
  const weights = readAlong(weight, 0, flat, flat.shape, { caller: name, named: -1 }).reshape(target.shape);
  return { picked, ignored, weights: weights.maskedFill(ignored, 0) };
}

/** Reduces a loss per target; its mean is taken over what counts, so that of nothing it is NaN. */
function reduceCounted(loss: Tensor, { ignored, weights }: Counted, reduction: Reduction): Tensor {
  if (reduction !== "mean") return reduceLoss(loss, reduction);
  return loss.sum().div(weights === null ? ignored.logicalNot().sum() : weights.sum());
}

function negativeLikelihood({ picked, ignored, weights }: Counted): Tensor {
  const loss = weights === null ? picked.neg() : picked.neg().mul(weights);
  return loss.maskedFill(ignored, 0);
}

/**
 * Averages -input at each target's class, where input holds log-probabilities [C], [N, C] or [N, C, d1, …] and target
 * int32 classes [], [N] or [N, d1, …]. With weights the mean is Σ weight · loss / Σ weight. Same as
 * torch.nn.functional.nll_loss.
 *
 * @throws IndexError, when the loss is computed, for a class outside 0..C-1.
 */
export const nllLoss: ClassLoss<NLLLossOptions> = /* @__PURE__ */ composite(
  (input: Tensor, target: Tensor, options: NLLLossOptions = {}) => {
    checkOptions("nllLoss", options, ["weight", "ignoreIndex", "reduction"]);
    const { weight = null } = options;
    const ignoreIndex = checkIgnoreIndex("nllLoss", options.ignoreIndex);
    const reduction = checkReduction("nllLoss", options.reduction);
    checkInput("nllLoss", input);
    checkTensor("nllLoss", target);
    checkWeight("nllLoss", input, weight);
    const counted = count("nllLoss", input, checkClasses("nllLoss", input, target), weight, ignoreIndex);
    return reduceCounted(negativeLikelihood(counted), counted, reduction);
  },
  "nllLoss",
);

/**
 * Averages the cross entropy of logits [C], [N, C] or [N, C, d1, …] and targets: int32 classes [], [N] or [N, d1, …], or
 * probabilities of the input's shape. Stable for logits of any size. Same as torch.nn.functional.cross_entropy.
 *
 * @throws DTypeError for classes that are no integers; ShapeError for a target of another shape; IndexError, when the
 * loss is computed, for a class outside 0..C-1.
 *
 * @example
 * const logits = tensor([[2, 0, 0], [0, 0, 3]]);
 * functional.crossEntropy(logits, tensor([0, 2], { dtype: "int32" })); // tensor(0.1672)
 */
export const crossEntropy: ClassLoss<CrossEntropyOptions> = /* @__PURE__ */ composite(
  (input: Tensor, target: Tensor, options: CrossEntropyOptions = {}) => {
    checkOptions("crossEntropy", options, ["weight", "ignoreIndex", "reduction", "labelSmoothing"]);
    const { weight = null } = options;
    const ignoreIndex = checkIgnoreIndex("crossEntropy", options.ignoreIndex);
    const reduction = checkReduction("crossEntropy", options.reduction);
    const smoothing = checkSmoothing("crossEntropy", options.labelSmoothing);
    checkInput("crossEntropy", input);
    checkTensor("crossEntropy", target);
    checkWeight("crossEntropy", input, weight);
    const dim = classDim(input);
    const classes = input.shape[dim]!;

    if (sameShape(input.shape, target.shape)) {
      if (target.dtype !== "float32") checkFloat("crossEntropy", target);
      if (ignoreIndex >= 0)
        throw new ValueError(`crossEntropy: ignoreIndex ${ignoreIndex} is for classes; the target holds probabilities`);
      const spread = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classes);
      const terms = input.logSoftmax(dim).mul(spread);
      const loss = (weight === null ? terms : terms.mul(along(weight, input))).sum(dim).neg();
      // Weights do not change the divisor here.
      return reduceLoss(loss, reduction);
    }

    const labels = checkClasses("crossEntropy", input, target);
    const logs = input.logSoftmax(dim);
    const counted = count("crossEntropy", logs, labels, weight, ignoreIndex);
    const hard = negativeLikelihood(counted);
    if (smoothing === 0) return reduceCounted(hard, counted, reduction);
    const even = (weight === null ? logs : logs.mul(along(weight, logs))).sum(dim).neg().maskedFill(counted.ignored, 0);
    return reduceCounted(hard, counted, reduction)
      .mul(1 - smoothing)
      .add(reduceCounted(even, counted, reduction).mul(smoothing / classes));
  },
  "crossEntropy",
);

/** Checks the class to ignore; left out it is -100, which is none. */
export function checkIgnoreIndex(where: string, ignoreIndex: number = -100): number {
  if (Number.isInteger(ignoreIndex)) return ignoreIndex;
  throw new ValueError(`${where}: ignoreIndex must be an integer, got ${show(ignoreIndex)}`);
}

/** Checks the amount of smoothing; left out it is 0. */
export function checkSmoothing(where: string, smoothing: number = 0): number {
  if (typeof smoothing === "number" && smoothing >= 0 && smoothing <= 1) return smoothing;
  throw new ValueError(`${where}: labelSmoothing must be a number from 0 to 1, got ${show(smoothing)}`);
}
