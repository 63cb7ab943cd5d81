import { arange, type Tensor } from "@downhill/core";
import { checkCount, checkOptions, checkTensor } from "@downhill/core/engine";
import { ratio } from "./class-counts.js";
import { checkClassOptions, checkScores, type ClassOptions, targetsOf } from "./class-labels.js";
import { type Kept, measured, Metric } from "./metric.js";

/** The options of `topKAccuracy`. */
export interface TopKAccuracyOptions extends Pick<ClassOptions, "ignoreIndex"> {
  /** Among how many of the highest scores the target must be. Default 5. */
  readonly k?: number;
}

function checkTopK(name: string, options: TopKAccuracyOptions): TopKAccuracyOptions {
  checkOptions(name, options, ["k", "ignoreIndex"]);
  checkCount(name, "k", options.k ?? 5, 1);
  checkClassOptions(name, options);
  return options;
}

/**
 * Counts the classes that come before the target: those with a higher score, and of equal scores the first ones. A score
 * that is NaN is behind nobody.
 */
function measure(name: string, input: Tensor, target: Tensor, options: TopKAccuracyOptions): Kept {
  checkTensor(name, input);
  checkTensor(name, target);
  const classes = checkScores(name, input, target, undefined);
  const [labels, counts] = targetsOf(name, target, options);
  const dim = input.ndim === 1 ? 0 : 1;
  const actual = labels.unsqueeze(dim);
  const score = input.gather(dim, actual);
  const places = arange(classes, { dtype: "int32", device: input.device }).reshape(
    input.shape.map((_, d) => (d === dim ? -1 : 1)),
  );
  const behind = input.lt(score).logicalOr(input.eq(score).logicalAnd(places.ge(actual)));
  const before = behind.logicalNot().to("int32").sum(dim);
  const hits = before.lt(options.k ?? 5).to("int32");
  return { hits: hits.mul(counts).sum(), actual: counts.sum() };
}

type TopKAccuracyFunction = (input: Tensor, target: Tensor, options?: TopKAccuracyOptions) => Tensor;

/**
 * Tells in which share of a batch the target is among the `k` highest of scores [N, C, …], a float32 tensor between 0 and 1.
 * Equal scores count in the order of their classes, as in `argmax`. As torcheval.metrics.functional.multiclass_accuracy
 * with k, and sklearn.metrics.top_k_accuracy_score.
 *
 * @throws ShapeError for shapes that do not go together; DTypeError for float targets. IndexError, when it is computed, for
 * targets out of range.
 *
 * @example
 * const scores = tensor([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4], [0.8, 0.15, 0.05]]);
 * topKAccuracy(scores, tensor([2, 2, 2], { dtype: "int32" }), { k: 2 }); // tensor(0.6667)
 */
export const topKAccuracy: TopKAccuracyFunction = /* @__PURE__ */ measured(
  (input: Tensor, target: Tensor, options: TopKAccuracyOptions = {}) => {
    checkTopK("topKAccuracy", options);
    const { hits, actual } = measure("topKAccuracy", input, target, options);
    return ratio(hits!, actual!, NaN);
  },
);

/**
 * The share of targets among the `k` highest scores, over many batches; see `topKAccuracy`.
 *
 * @example
 * const metric = new TopKAccuracy({ k: 2 });
 * metric.update(randn([8, 10]), randint(0, 10, [8]));
 * const share = metric.compute();
 */
export class TopKAccuracy extends Metric<[input: Tensor, target: Tensor], Tensor> {
  protected readonly names: readonly string[] = ["hits", "actual"];
  readonly options: Readonly<TopKAccuracyOptions>;

  constructor(options: TopKAccuracyOptions = {}) {
    super();
    this.options = { ...checkTopK("TopKAccuracy", options) };
  }

  protected override measure(input: Tensor, target: Tensor): Kept {
    return measure("TopKAccuracy", input, target, this.options);
  }

  protected override result({ hits, actual }: Kept): Tensor {
    return ratio(hits!, actual!, NaN);
  }
}
