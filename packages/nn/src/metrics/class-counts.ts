import { type Tensor, where, zeros } from "@downhill/core";
import { show, ValueError } from "@downhill/core/engine";
import { type ClassOptions, labelsOf, needClasses } from "./class-labels.js";

/** How classes are summed up: all samples alike, all classes alike, classes by their samples, or not at all. */
export type ClassAverage = "micro" | "macro" | "weighted" | "none";

/** What is kept per class, int32 [C]: samples of it that were found, that were predicted, and that there are. */
export interface ClassCounts {
  readonly hits: Tensor;
  readonly predicted: Tensor;
  readonly actual: Tensor;
}

/** Names of `ClassCounts`. */
export const classCountNames: readonly string[] = ["hits", "predicted", "actual"];

/** Counts a batch by classes. A class out of range is an IndexError when the batch is computed. */
export function countClasses(name: string, input: Tensor, target: Tensor, options: ClassOptions): ClassCounts {
  const labels = labelsOf(name, input, target, options);
  const { predicted, actual, counts } = labels;
  const none = zeros([needClasses(name, labels)], { dtype: "int32", device: actual.device });
  return {
    hits: none.scatterAdd(0, actual, counts.mul(predicted.eq(actual).to("int32"))),
    predicted: none.scatterAdd(0, predicted, counts),
    actual: none.scatterAdd(0, actual, counts),
  };
}

/** Checks how classes are summed up. */
export function checkAverage<Average extends string>(
  name: string,
  average: Average,
  known: readonly Average[],
): Average {
  if (known.includes(average)) return average;
  throw new ValueError(`${name}: average must be ${known.map(show).join(", ")}, got ${show(average)}`);
}

/** numerator / denominator as float32, or `otherwise` where there is nothing to divide by. */
export function ratio(numerator: Tensor, denominator: Tensor, otherwise: number): Tensor {
  const below = denominator.to("float32");
  return where(below.eq(0), otherwise, numerator.to("float32").div(below));
}

/** Sums per-class values up: over the classes that are there, or by their samples. NaN where there are none. */
export function averaged(
  values: Tensor,
  average: "macro" | "weighted" | "none",
  there: Tensor,
  samples: Tensor,
): Tensor {
  if (average === "none") return values;
  const weights = (average === "macro" ? there : samples).to("float32");
  return where(weights.eq(0), 0, values.mul(weights)).sum().div(weights.sum());
}
