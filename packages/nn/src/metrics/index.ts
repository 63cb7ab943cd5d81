export { accuracy, Accuracy, type AccuracyOptions } from "./accuracy.js";
export type { ClassAverage } from "./class-counts.js";
export type { ClassOptions } from "./class-labels.js";
export { confusionMatrix, ConfusionMatrix, type ConfusionMatrixOptions } from "./confusion-matrix.js";
export { MeanMetric, meanMetric } from "./mean-metric.js";
export { type Kept, Metric } from "./metric.js";
export {
  precisionRecallF1,
  PrecisionRecallF1,
  type PrecisionRecallF1Options,
  type PrecisionRecallF1Result,
} from "./precision-recall-f1.js";
export { r2Score, R2Score, type R2ScoreOptions } from "./r2-score.js";
export { topKAccuracy, TopKAccuracy, type TopKAccuracyOptions } from "./top-k-accuracy.js";
