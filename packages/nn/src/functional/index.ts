export {
  elu,
  gelu,
  hardtanh,
  leakyRelu,
  logSoftmax,
  logsigmoid,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from "@downhill/core";
export {
  celu,
  type CELUFunctionOptions,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  mish,
  prelu,
  rrelu,
  type RReLUFunctionOptions,
  selu,
  softmin,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "./activations.js";
export { conv1d, conv2d, type ConvOptions } from "./convolution.js";
export { convTranspose1d, convTranspose2d, type ConvTransposeOptions } from "./conv-transpose.js";
export { crossEntropy, type CrossEntropyOptions, nllLoss, type NLLLossOptions } from "./cross-entropy.js";
export { linear } from "./linear.js";
export { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "./pooling.js";
export type { AvgPool1dOptions, AvgPoolOptions, MaxPoolOptions, PoolOptions } from "./pooling.js";
export { l1Loss, type LossOptions, mseLoss, type Reduction } from "./loss.js";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.js";
export { batchNorm, type BatchNormFunctionOptions } from "./batch-norm.js";
export { dropout, type DropoutOptions } from "./dropout.js";
export { embedding, type EmbeddingFunctionOptions } from "./embedding.js";
export { groupNorm, layerNorm, type NormOptions, rmsNorm, type RMSNormOptions } from "./normalization.js";
export {
  type BCELossOptions,
  type BCEWithLogitsLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "./binary-cross-entropy.js";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  normalize,
  type NormalizeOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "./distance.js";
export {
  cosineEmbeddingLoss,
  type CosineEmbeddingLossOptions,
  type Distance,
  tripletMarginLoss,
  type TripletMarginLossOptions,
  tripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
} from "./embedding-loss.js";
export {
  gaussianNllLoss,
  type GaussianNLLLossOptions,
  klDiv,
  type KLDivLossOptions,
  poissonNllLoss,
  type PoissonNLLLossOptions,
} from "./likelihood-loss.js";
export { multilabelSoftMarginLoss, type MultiLabelSoftMarginLossOptions, softMarginLoss } from "./logistic-loss.js";
export {
  hingeEmbeddingLoss,
  type HingeEmbeddingLossOptions,
  marginRankingLoss,
  type MarginRankingLossOptions,
  multilabelMarginLoss,
  multiMarginLoss,
  type MultiMarginLossOptions,
} from "./margin-loss.js";
export { huberLoss, type HuberLossOptions, smoothL1Loss, type SmoothL1LossOptions } from "./smooth-loss.js";
