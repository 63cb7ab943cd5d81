import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import { averaged, checkAverage, type ClassAverage, countClasses, ratio } from "./class-counts.js";
import { checkClassOptions, type ClassOptions, classOptions, labelsOf } from "./class-labels.js";
import { type Kept, measured, Metric } from "./metric.js";

/** The options of `accuracy`. */
export interface AccuracyOptions extends ClassOptions {
  /**
   * "micro" (the default): the share of right predictions. "macro": the mean of the classes' shares (balanced accuracy),
   * "weighted": that by their samples, "none": one for each class.
   */
  readonly average?: ClassAverage;
}

function checkAccuracy(name: string, options: AccuracyOptions): AccuracyOptions {
  checkOptions(name, options, ["average", ...classOptions]);
  checkClassOptions(name, options);
  checkAverage(name, options.average ?? "micro", ["micro", "macro", "weighted", "none"]);
  return options;
}

function measure(name: string, input: Tensor, target: Tensor, options: AccuracyOptions): Kept {
  if ((options.average ?? "micro") !== "micro") {
    const { hits, actual } = countClasses(name, input, target, options);
    return { hits, actual };
  }
  const { predicted, actual, counts } = labelsOf(name, input, target, options);
  return { hits: predicted.eq(actual).to("int32").mul(counts).sum(), actual: counts.sum() };
}

function result({ hits, actual }: Kept, { average = "micro" }: AccuracyOptions): Tensor {
  const shares = ratio(hits!, actual!, NaN);
  return average === "micro" ? shares : averaged(shares, average, actual!.gt(0), actual!);
}

type AccuracyFunction = (input: Tensor, target: Tensor, options?: AccuracyOptions) => Tensor;

/**
 * Tells the share of right predictions in a batch, a float32 tensor between 0 and 1. The input may be scores [N, C, …] for
 * targets [N, …] (the highest counts), binary scores of the targets' shape (above `threshold` is 1), or integer labels.
 * As torcheval.metrics.functional.multiclass_accuracy and binary_accuracy.
 *
 * @throws ShapeError for shapes that do not go together; DTypeError for float targets of several classes; ValueError where
 * `numClasses` is needed. IndexError, when it is computed, for classes out of range where they are counted apart.
 *
 * @example
 * const logits = tensor([[2, 1], [0, 3], [1, 0]]);
 * const labels = tensor([0, 1, 1], { dtype: "int32" });
 * accuracy(logits, labels); // tensor(0.6667)
 * accuracy(logits, labels, { average: "none" }); // tensor([1.0000, 0.5000])
 * accuracy(tensor([-1.5, 0.3]), tensor([0, 0]), { threshold: 0 }); // tensor(0.5000)
 */
export const accuracy: AccuracyFunction = /* @__PURE__ */ measured(
  (input: Tensor, target: Tensor, options: AccuracyOptions = {}) => {
    checkAccuracy("accuracy", options);
    return result(measure("accuracy", input, target, options), options);
  },
);

/**
 * The share of right predictions over many batches; see `accuracy` for what it takes. Samples count alike, so that a small
 * last batch counts for what it is. It counts up to 2³¹ - 1. As torcheval.metrics.MulticlassAccuracy and BinaryAccuracy.
 *
 * @example
 * const metric = new Accuracy();
 * for await (const [x, y] of loader) metric.update(model.forward(x), y);
 * const share = metric.compute(); // await share.item()
 * metric.reset();
 */
export class Accuracy extends Metric<[input: Tensor, target: Tensor], Tensor> {
  protected readonly names: readonly string[] = ["hits", "actual"];
  readonly options: Readonly<AccuracyOptions>;

  constructor(options: AccuracyOptions = {}) {
    super();
    this.options = { ...checkAccuracy("Accuracy", options) };
  }

  protected override measure(input: Tensor, target: Tensor): Kept {
    return measure("Accuracy", input, target, this.options);
  }

  protected override result(kept: Kept): Tensor {
    return result(kept, this.options);
  }
}
