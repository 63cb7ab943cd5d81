import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import { needNumber } from "../option-checks.js";
import {
  averaged,
  checkAverage,
  type ClassAverage,
  classCountNames,
  type ClassCounts,
  countClasses,
  ratio,
} from "./class-counts.js";
import { checkClassOptions, type ClassOptions, classOptions } from "./class-labels.js";
import { type Kept, measured, Metric } from "./metric.js";

/** The options of `precisionRecallF1`. */
export interface PrecisionRecallF1Options extends ClassOptions {
  /**
   * "binary": of class 1, the default for two classes. "macro", the default for more: the mean over the classes that are
   * there or were predicted. "weighted": the mean by their samples. "micro": of all samples. "none": one for each class.
   */
  readonly average?: ClassAverage | "binary";
  /** What is said where there is nothing to divide by. Default 0. */
  readonly zeroDivision?: number;
}

/** Precision, recall and F1, float32: numbers, or a vector of all classes; and how many samples of each class there are. */
export interface PrecisionRecallF1Result {
  /** The share of those predicted that are right. */
  readonly precision: Tensor;
  /** The share of those there are that were found. */
  readonly recall: Tensor;
  /** Their harmonic mean. */
  readonly f1: Tensor;
  /** Samples of each class: int32 [C]. */
  readonly support: Tensor;
}

function checkF1(name: string, options: PrecisionRecallF1Options): PrecisionRecallF1Options {
  checkOptions(name, options, ["average", "zeroDivision", ...classOptions]);
  checkClassOptions(name, options);
  if (options.average !== undefined)
    checkAverage(name, options.average, ["binary", "micro", "macro", "weighted", "none"]);
  if (options.zeroDivision !== undefined) needNumber(name, "zeroDivision", options.zeroDivision);
  return options;
}

function result({ hits, predicted, actual }: ClassCounts, options: PrecisionRecallF1Options): PrecisionRecallF1Result {
  const { average = actual.shape[0] === 2 ? "binary" : "macro", zeroDivision = 0 } = options;
  // F1 is 2 · precision · recall / (precision + recall), which is 2 · hits / (predicted + actual).
  const values = (found: Tensor, said: Tensor, there: Tensor): Tensor[] => [
    ratio(found, said, zeroDivision),
    ratio(found, there, zeroDivision),
    ratio(found.mul(2), said.add(there), zeroDivision),
  ];
  const [precision, recall, f1] =
    average === "micro"
      ? values(hits.sum(), predicted.sum(), actual.sum())
      : average === "binary"
        ? values(hits.at(1), predicted.at(1), actual.at(1))
        : values(hits, predicted, actual).map((x) => averaged(x, average, predicted.add(actual).gt(0), actual));
  return { precision: precision!, recall: recall!, f1: f1!, support: actual.clone() };
}

type PrecisionRecallF1Function = (
  input: Tensor,
  target: Tensor,
  options?: PrecisionRecallF1Options,
) => PrecisionRecallF1Result;

/**
 * Tells precision (the share of those predicted that are right), recall (the share of those there are that were found)
 * and F1 (their harmonic mean) of a batch. Takes what `accuracy` takes. As
 * sklearn.metrics.precision_recall_fscore_support.
 *
 * @throws ShapeError for shapes that do not go together; ValueError for labels without `numClasses`. IndexError, when it is
 * computed, for classes out of range.
 *
 * @example
 * const scores = tensor([0.9, 0.8, 0.4, 0.2]);
 * const { precision, recall, f1 } = precisionRecallF1(scores, tensor([1, 0, 1, 0]));
 * precision; // tensor(0.5000)
 * recall; // tensor(0.5000)
 * f1; // tensor(0.5000)
 */
export const precisionRecallF1: PrecisionRecallF1Function = /* @__PURE__ */ measured(
  (input: Tensor, target: Tensor, options: PrecisionRecallF1Options = {}) => {
    checkF1("precisionRecallF1", options);
    return result(countClasses("precisionRecallF1", input, target, options), options);
  },
);

/**
 * Precision, recall and F1 over many batches; see `precisionRecallF1`. They are those of all samples together, not means of
 * the batches' own.
 *
 * @example
 * const metric = new PrecisionRecallF1({ average: "macro" });
 * metric.update(randn([8, 3]), randint(0, 3, [8]));
 * const { f1, support } = metric.compute();
 */
export class PrecisionRecallF1 extends Metric<[input: Tensor, target: Tensor], PrecisionRecallF1Result> {
  protected readonly names: readonly string[] = classCountNames;
  readonly options: Readonly<PrecisionRecallF1Options>;

  constructor(options: PrecisionRecallF1Options = {}) {
    super();
    this.options = { ...checkF1("PrecisionRecallF1", options) };
  }

  protected override measure(input: Tensor, target: Tensor): Kept {
    return { ...countClasses("PrecisionRecallF1", input, target, this.options) };
  }

  protected override result({ hits, predicted, actual }: Kept): PrecisionRecallF1Result {
    return result({ hits: hits!, predicted: predicted!, actual: actual! }, this.options);
  }
}
