export {
  elu,
  gelu,
  hardtanh,
  leakyRelu,
  logSoftmax,
  logsigmoid,
  oneHot,
  pad,
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
export { conv1d, conv2d, conv3d, type ConvOptions } from "./convolution.js";
export { convTranspose1d, convTranspose2d, convTranspose3d, type ConvTransposeOptions } from "./conv-transpose.js";
export { crossEntropy, type CrossEntropyOptions, nllLoss, type NLLLossOptions } from "./cross-entropy.js";
export { ctcLoss, type CTCLossOptions, type Lengths } from "./ctc-loss.js";
export { affineGrid, type AffineGridOptions, gridSample, type GridSampleOptions } from "./grid-sample.js";
export { gumbelSoftmax, type GumbelSoftmaxOptions } from "./gumbel-softmax.js";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from "./max-unpooling.js";
export { lpPool1d, lpPool2d, lpPool3d, type LPPoolOptions } from "./power-pooling.js";
export { linear } from "./linear.js";
export { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from "./pooling.js";
export type { AvgPool1dOptions, AvgPoolOptions, MaxPoolOptions, PoolOptions } from "./pooling.js";
export { l1Loss, type LossOptions, mseLoss, type Reduction } from "./loss.js";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.js";
export { batchNorm, type BatchNormFunctionOptions } from "./batch-norm.js";
export { bilinear } from "./bilinear.js";
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type DropoutOptions,
  featureAlphaDropout,
} from "./dropout.js";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  type AdaptiveMaxPool,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptiveMaxPoolOptions,
  type OutputSize,
} from "./adaptive-pooling.js";
export { fold, type FoldOptions, unfold } from "./fold.js";
export { instanceNorm, type InstanceNormFunctionOptions } from "./instance-norm.js";
export { interpolate, type InterpolateMode, type InterpolateOptions } from "./interpolate.js";
export { localResponseNorm, type LocalResponseNormOptions } from "./local-response-norm.js";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./shuffle.js";
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
