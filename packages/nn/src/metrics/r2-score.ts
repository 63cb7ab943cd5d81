import { ShapeError, type Tensor, where } from "@downhill/core";
import { checkCount, checkFloat, checkOptions, sameShape, scalar, show, text, ValueError } from "@downhill/core/engine";
import { sumDType } from "./mean-metric.js";
import { type Kept, measured, Metric } from "./metric.js";

/** The options of `r2Score`. */
export interface R2ScoreOptions {
  /**
   * How the scores of several outputs are summed up: their mean (the default), that by the outputs' variances, or not at
   * all.
   */
  readonly multioutput?: "uniformAverage" | "varianceWeighted" | "rawValues";
  /** For how many predictors to adjust the score: 1 - (1 - R²) · (n - 1) / (n - p - 1). Default 0. */
  readonly numRegressors?: number;
}

const forms: readonly unknown[] = ["uniformAverage", "varianceWeighted", "rawValues"];

function checkR2(name: string, options: R2ScoreOptions): R2ScoreOptions {
  checkOptions(name, options, ["multioutput", "numRegressors"]);
  if (!forms.includes(options.multioutput ?? "uniformAverage"))
    throw new ValueError(
      `${name}: multioutput must be ${forms.map(show).join(", ")}, got ${show(options.multioutput)}`,
    );
  checkCount(name, "numRegressors", options.numRegressors ?? 0);
  return options;
}

/** Keeps means and squared distances from them: sums of squares would lose all digits of a target far from 0. */
function measure(name: string, input: Tensor, target: Tensor): Kept {
  checkFloat(name, input);
  checkFloat(name, target);
  if (!sameShape(input.shape, target.shape) || input.ndim < 1 || input.ndim > 2)
    throw new ShapeError(
      `${name}: predictions of shape ${text(input.shape)} for targets of shape ${text(target.shape)}`,
      "both are [N], or [N, outputs]",
    );
  const wide = sumDType(target.device);
  const rows = target.shape[0]!;
  const y = target.to(wide).reshape([rows, -1]);
  const mean = y.mean(0);
  return {
    count: scalar(rows, wide, target.device).add(0),
    mean,
    spread: y.sub(mean).square().sum(0),
    residual: y.sub(input.to(wide).reshape(y.shape)).square().sum(0),
  };
}

/** Chan, Golub and LeVeque, 1983: the spread of two samples together, by their means. */
function merge(before: Kept, batch: Kept): Kept {
  const count = before.count!.add(batch.count!);
  const step = batch.mean!.sub(before.mean!);
  const share = batch.count!.div(count);
  return {
    count,
    mean: before.mean!.add(step.mul(share)),
    spread: before.spread!.add(batch.spread!).add(step.square().mul(share).mul(before.count!)),
    residual: before.residual!.add(batch.residual!),
  };
}

function result({ count, spread, residual }: Kept, options: R2ScoreOptions): Tensor {
  const { multioutput = "uniformAverage", numRegressors = 0 } = options;
  // Targets that are all the same, as in scikit-learn: 1 if all were hit, else 0.
  const same = where(residual!.eq(0), 1, residual!.mul(0));
  const scores = where(spread!.eq(0), same, residual!.div(spread!).neg().add(1));
  const plain =
    multioutput === "rawValues"
      ? scores
      : multioutput === "uniformAverage"
        ? scores.mean()
        : where(spread!.sum().eq(0), scores.mean(), scores.mul(spread!).sum().div(spread!.sum()));
  const adjusted =
    numRegressors === 0
      ? plain
      : plain.sub(1).mul(count!.sub(1)).div(count!.sub(numRegressors + 1)).add(1); // prettier-ignore
  return where(count!.lt(2 + numRegressors), NaN, adjusted).to("float32");
}

type R2Function = (input: Tensor, target: Tensor, options?: R2ScoreOptions) => Tensor;

/**
 * Tells how much of the targets' variance the predictions explain: R² = 1 - Σ (y - prediction)² / Σ (y - mean of y)², for
 * [N] or [N, outputs], as a float32 tensor. 1 is perfect, 0 as good as the mean; NaN for fewer than 2 samples. As
 * torcheval.metrics.functional.r2_score and sklearn.metrics.r2_score (predictions come first here).
 *
 * @throws ShapeError for shapes that differ; DTypeError for integers.
 *
 * @example
 * r2Score(tensor([2.5, 0, 2, 8]), tensor([3, -0.5, 2, 7])); // tensor(0.9486)
 */
export const r2Score: R2Function = /* @__PURE__ */ measured(
  (input: Tensor, target: Tensor, options: R2ScoreOptions = {}) => {
    checkR2("r2Score", options);
    return result(measure("r2Score", input, target), options);
  },
);

/**
 * R² over many batches; see `r2Score`. It is that of all samples together, whatever their batches.
 *
 * @example
 * const metric = new R2Score();
 * metric.update(tensor([2.5, 0]), tensor([3, -0.5]));
 * metric.update(tensor([2, 8]), tensor([2, 7]));
 * metric.compute(); // tensor(0.9486)
 */
export class R2Score extends Metric<[input: Tensor, target: Tensor], Tensor> {
  protected readonly names: readonly string[] = ["count", "mean", "spread", "residual"];
  readonly options: Readonly<R2ScoreOptions>;

  constructor(options: R2ScoreOptions = {}) {
    super();
    this.options = { ...checkR2("R2Score", options) };
  }

  protected override measure(input: Tensor, target: Tensor): Kept {
    return measure("R2Score", input, target);
  }

  protected override merge(before: Kept, batch: Kept): Kept {
    return merge(before, batch);
  }

  protected override result(kept: Kept): Tensor {
    return result(kept, this.options);
  }
}
