import type { Tensor } from "@downhill/core";
import { DTypeError, ShapeError, where } from "@downhill/core";
import { checkCount, checkTensor, isFloat, sameShape, scalar, show, text, ValueError } from "@downhill/core/engine";

/** The options of metrics that compare classes. */
export interface ClassOptions {
  /** How many classes there are. Needed where predictions are labels; scores tell it by their dim 1. */
  readonly numClasses?: number;
  /** From which score on (above it) a binary prediction is 1. Default 0.5, for probabilities; 0 is that for logits. */
  readonly threshold?: number;
  /** A target that does not count. Default -100, that of the losses. */
  readonly ignoreIndex?: number;
}

/** Names of `ClassOptions`. */
export const classOptions: readonly string[] = ["numClasses", "threshold", "ignoreIndex"];

/** Predictions and targets as classes, all int32 [N]. */
export interface Labels {
  readonly predicted: Tensor;
  readonly actual: Tensor;
  /** 1, or 0 for a target that does not count; those are 0 in `actual`. */
  readonly counts: Tensor;
  /** Null where nothing tells. */
  readonly numClasses: number | null;
}

/** Checks the options once, for all batches. */
export function checkClassOptions(name: string, { numClasses, threshold, ignoreIndex }: ClassOptions): void {
  if (numClasses !== undefined) checkCount(name, "numClasses", numClasses, 2);
  if (threshold !== undefined && (typeof threshold !== "number" || Number.isNaN(threshold)))
    throw new ValueError(`${name}: threshold must be a number, got ${show(threshold)}`);
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex))
    throw new ValueError(`${name}: ignoreIndex must be an integer, got ${show(ignoreIndex)}`);
}

const int = (x: Tensor): Tensor => x.to("int32");
const flat = (x: Tensor): Tensor => x.reshape([-1]);

/** Targets with a mask of those that count. */
export function targetsOf(name: string, target: Tensor, { ignoreIndex = -100 }: ClassOptions): [Tensor, Tensor] {
  if (isFloat(target.dtype))
    throw new DTypeError(`${name}: targets are classes, got ${target.dtype}`, 'convert them: target.to("int32")');
  const actual = int(target);
  const counted = actual.ne(ignoreIndex);
  return [where(counted, actual, scalar(0, "int32", actual.device)), int(counted)];
}

/** Refuses scores that do not go with their targets. */
export function checkScores(name: string, input: Tensor, target: Tensor, numClasses: number | undefined): number {
  const [first, classes, ...rest] = input.shape;
  const of = input.ndim === 1 ? [] : [first!, ...rest];
  const count = input.ndim === 1 ? first! : classes!;
  if (input.ndim !== target.ndim + 1 || !sameShape(of, target.shape))
    throw new ShapeError(
      `${name}: predictions of shape ${text(input.shape)} for targets of shape ${text(target.shape)}`,
      "scores are [N, C, …] for targets [N, …]; labels and binary scores have the targets' shape",
    );
  if (!isFloat(input.dtype))
    throw new DTypeError(
      `${name}: scores [N, C, …] must be floats, got ${input.dtype}`,
      "labels have the targets' shape",
    );
  if (numClasses !== undefined && numClasses !== count)
    throw new ShapeError(`${name}: numClasses is ${numClasses}, but the scores ${text(input.shape)} are of ${count}`);
  return count;
}

/**
 * Finds out what is predicted: scores [N, C, …] for targets [N, …] are for the class with the highest one, binary scores
 * (floats of the targets' shape) for 1 above the threshold, and integers are labels.
 */
export function labelsOf(name: string, input: Tensor, target: Tensor, options: ClassOptions): Labels {
  checkTensor(name, input);
  checkTensor(name, target);
  const { numClasses, threshold = 0.5 } = options;
  if (!sameShape(input.shape, target.shape)) {
    const count = checkScores(name, input, target, numClasses);
    const [actual, counts] = targetsOf(name, target, options);
    const predicted = int(input.argmax(input.ndim === 1 ? 0 : 1));
    return { predicted: flat(predicted), actual: flat(actual), counts: flat(counts), numClasses: count };
  }
  const binary = isFloat(input.dtype);
  if (binary && numClasses !== undefined && numClasses !== 2)
    throw new ShapeError(
      `${name}: floats of the targets' shape ${text(target.shape)} are binary scores, but numClasses is ${numClasses}`,
      'pass scores [N, C, …], or labels: input.to("int32")',
    );
  // What a binary loss takes as targets, probabilities of 1, will do here, too.
  const classes = isFloat(target.dtype) && binary ? target.gt(0.5) : target;
  const [actual, counts] = targetsOf(name, classes, options);
  const predicted = int(binary ? input.gt(threshold) : input);
  const known = numClasses ?? (binary || input.dtype === "bool" ? 2 : null);
  return { predicted: flat(predicted), actual: flat(actual), counts: flat(counts), numClasses: known };
}

/** The number of classes, where it has to be known. */
export function needClasses(name: string, { numClasses }: Labels): number {
  if (numClasses !== null) return numClasses;
  throw new ValueError(`${name}: labels do not tell how many classes there are`, "pass { numClasses }");
}
