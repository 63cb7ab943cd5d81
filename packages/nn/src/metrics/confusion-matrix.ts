import { arange, type Tensor, zeros } from "@downhill/core";
import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { ratio } from "./class-counts.js";
import { checkClassOptions, type ClassOptions, classOptions, labelsOf, needClasses } from "./class-labels.js";
import { type Kept, measured, Metric } from "./metric.js";

/** The options of `confusionMatrix`. */
export interface ConfusionMatrixOptions extends ClassOptions {
  /** Divide by each row's sum ("true"), each column's ("pred"), or that of all. Default "none": counts. */
  readonly normalize?: "none" | "true" | "pred" | "all";
}

const forms: readonly unknown[] = ["none", "true", "pred", "all"];

function checkConfusion(name: string, options: ConfusionMatrixOptions): ConfusionMatrixOptions {
  checkOptions(name, options, ["normalize", ...classOptions]);
  checkClassOptions(name, options);
  if (!forms.includes(options.normalize ?? "none"))
    throw new ValueError(`${name}: normalize must be ${forms.map(show).join(", ")}, got ${show(options.normalize)}`);
  return options;
}

function measure(name: string, input: Tensor, target: Tensor, options: ConfusionMatrixOptions): Kept {
  const labels = labelsOf(name, input, target, options);
  const { actual, predicted, counts } = labels;
  const classes = needClasses(name, labels);
  const placed = { dtype: "int32", device: actual.device } as const;
  // Taken from 0, 1, …: a class out of range is refused, and not counted in another cell.
  const known = arange(classes, placed);
  const cells = known.gather(0, actual).mul(classes).add(known.gather(0, predicted));
  const matrix = zeros([classes * classes], placed).scatterAdd(0, cells, counts);
  return { matrix: matrix.reshape([classes, classes]) };
}

function result({ matrix }: Kept, { normalize = "none" }: ConfusionMatrixOptions): Tensor {
  if (normalize === "none") return matrix!.clone();
  const sums = { true: () => matrix!.sum(1, { keepdim: true }), pred: () => matrix!.sum(0), all: () => matrix!.sum() };
  return ratio(matrix!, sums[normalize](), 0);
}

type ConfusionMatrixFunction = (input: Tensor, target: Tensor, options?: ConfusionMatrixOptions) => Tensor;

/**
 * Counts how often each class (row) was taken for each class (column): int32 [C, C], or float32 shares with `normalize`.
 * Takes what `accuracy` takes. As torcheval.metrics.functional.multiclass_confusion_matrix and
 * sklearn.metrics.confusion_matrix.
 *
 * @throws ShapeError for shapes that do not go together; ValueError for labels without `numClasses`. IndexError, when it is
 * computed, for classes out of range.
 *
 * @example
 * const predicted = tensor([0, 2, 2, 1], { dtype: "int32" });
 * const labels = tensor([0, 1, 2, 1], { dtype: "int32" });
 * confusionMatrix(predicted, labels, { numClasses: 3 }); // tensor([[1, 0, 0], [0, 1, 1], [0, 0, 1]])
 */
export const confusionMatrix: ConfusionMatrixFunction = /* @__PURE__ */ measured(
  (input: Tensor, target: Tensor, options: ConfusionMatrixOptions = {}) => {
    checkConfusion("confusionMatrix", options);
    return result(measure("confusionMatrix", input, target, options), options);
  },
);

/**
 * Which classes were taken for which, over many batches; see `confusionMatrix`.
 *
 * @example
 * const metric = new ConfusionMatrix({ normalize: "true" });
 * metric.update(randn([8, 3]), randint(0, 3, [8]));
 * console.log(await metric.compute().toText());
 */
export class ConfusionMatrix extends Metric<[input: Tensor, target: Tensor], Tensor> {
  protected readonly names: readonly string[] = ["matrix"];
  readonly options: Readonly<ConfusionMatrixOptions>;

  constructor(options: ConfusionMatrixOptions = {}) {
    super();
    this.options = { ...checkConfusion("ConfusionMatrix", options) };
  }

  protected override measure(input: Tensor, target: Tensor): Kept {
    return measure("ConfusionMatrix", input, target, this.options);
  }

  protected override result(kept: Kept): Tensor {
    return result(kept, this.options);
  }
}
