export {
  ELU,
  type ELULayerOptions,
  GELU,
  type GELULayerOptions,
  Hardtanh,
  type HardtanhLayerOptions,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  ReLU,
  ReLU6,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  type SoftplusLayerOptions,
  Tanh,
} from "./activations.js";
export type { InplaceOptions } from "./activation-bases.js";
export {
  CELU,
  type CELUOptions,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Mish,
  RReLU,
  type RReLUOptions,
  SELU,
  Softshrink,
  Softsign,
  Tanhshrink,
  Threshold,
} from "./more-activations.js";
export { GLU, Softmax2d, Softmin } from "./dim-activations.js";
export { PReLU, type PReLUOptions } from "./prelu.js";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  type AdaptiveMaxPoolLayerOptions,
} from "./adaptive-pooling.js";
export type { OutputSize } from "./functional/adaptive-pooling.js";
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from "./batch-norm.js";
export { Bilinear } from "./bilinear.js";
export { CTCLoss } from "./ctc-loss.js";
export type { CTCLossOptions, Lengths } from "./functional/ctc-loss.js";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from "./dropout.js";
export { Fold, Unfold } from "./fold.js";
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, type InstanceNormOptions } from "./instance-norm.js";
export { LocalResponseNorm } from "./local-response-norm.js";
export type { RunningNormOptions } from "./norm-layer.js";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  type Padding,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.js";
export { Summary, summary, type SummaryInput, type SummaryOptions } from "./summary.js";
export type { SummaryRow } from "./summary-table.js";
export { type DecoderMasks, TransformerDecoder, TransformerDecoderLayer } from "./transformer-decoder.js";
export {
  type EncoderLayerMasks,
  type EncoderMasks,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "./transformer-encoder.js";
export type { TransformerActivation, TransformerLayerOptions } from "./transformer-options.js";
export { Transformer, type TransformerMasks, type TransformerOptions } from "./transformer.js";
export { updateBatchNorm } from "./update-batch-norm.js";
export * as utils from "./utils/index.js";
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from "./shuffle.js";
export {
  Upsample,
  type UpsampleOptions,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  type UpsamplingOptions,
} from "./upsample.js";
export { Embedding, type EmbeddingOptions, type PretrainedOptions } from "./embedding.js";
export { GroupNorm, type GroupNormOptions } from "./group-norm.js";
export { LayerNorm, type LayerNormOptions } from "./layer-norm.js";
export { type AttendOptions, MultiheadAttention, type MultiheadAttentionOptions } from "./multihead-attention.js";
export { RMSNorm, type RMSNormLayerOptions } from "./rms-norm.js";
export { type CellOptions, GRUCell, LSTMCell, RNNCell, type RNNCellOptions } from "./recurrent-cells.js";
export { GRU, type GRUOptions } from "./gru.js";
export { LSTM, type LSTMOptions, type LSTMState } from "./lstm.js";
export { RNN, type RNNOptions } from "./rnn.js";
export type { RecurrentOptions } from "./recurrent-layer.js";
export {
  packPaddedSequence,
  type PackOptions,
  packSequence,
  PackedSequence,
  type PadOptions,
  padPackedSequence,
  type PadPackedOptions,
  padSequence,
  unpackSequence,
  unpadSequence,
} from "./packed-sequence.js";
export type { ConvLayerOptions, PaddingMode } from "./conv-layer.js";
export { Conv1d, type Conv1dOptions, Conv2d, type Conv2dOptions, Conv3d, type Conv3dOptions } from "./convolution.js";
export {
  ConvTranspose1d,
  type ConvTranspose1dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
  ConvTranspose3d,
  type ConvTranspose3dOptions,
} from "./conv-transpose.js";
export { Flatten } from "./flatten.js";
export { Unflatten } from "./unflatten.js";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPoolLayerOptions,
  type Pooled,
} from "./pooling.js";
export type { Extent } from "./functional/extent.js";
export * as functional from "./functional/index.js";
export type { CrossEntropyOptions, NLLLossOptions } from "./functional/cross-entropy.js";
export type { LossOptions, Reduction } from "./functional/loss.js";
export type { HookOptions } from "./forward-call.js";
export * as init from "./init/index.js";
export { Identity } from "./identity.js";
export { Linear, type LinearOptions } from "./linear.js";
export { BCELoss, BCEWithLogitsLoss, MultiLabelSoftMarginLoss, SoftMarginLoss } from "./binary-losses.js";
export { CosineSimilarity, PairwiseDistance } from "./distances.js";
export { CosineEmbeddingLoss, TripletMarginLoss, TripletMarginWithDistanceLoss } from "./embedding-losses.js";
export { GaussianNLLLoss, KLDivLoss, PoissonNLLLoss } from "./likelihood-losses.js";
export { HingeEmbeddingLoss, MarginRankingLoss, MultiLabelMarginLoss, MultiMarginLoss } from "./margin-losses.js";
export { HuberLoss, SmoothL1Loss } from "./smooth-losses.js";
export type { BCELossOptions, BCEWithLogitsLossOptions } from "./functional/binary-cross-entropy.js";
export type { CosineSimilarityOptions, PairwiseDistanceOptions } from "./functional/distance.js";
export type {
  CosineEmbeddingLossOptions,
  Distance,
  TripletMarginLossOptions,
  TripletMarginWithDistanceLossOptions,
} from "./functional/embedding-loss.js";
export type { GaussianNLLLossOptions, KLDivLossOptions, PoissonNLLLossOptions } from "./functional/likelihood-loss.js";
export type { MultiLabelSoftMarginLossOptions } from "./functional/logistic-loss.js";
export type {
  HingeEmbeddingLossOptions,
  MarginRankingLossOptions,
  MultiMarginLossOptions,
} from "./functional/margin-loss.js";
export type { HuberLossOptions, SmoothL1LossOptions } from "./functional/smooth-loss.js";
export { CrossEntropyLoss, L1Loss, MSELoss, NLLLoss } from "./losses.js";
export { type ForwardHook, type ForwardPreHook, type Layer, Module } from "./module.js";
export { LPPool1d, LPPool2d, LPPool3d } from "./power-pooling.js";
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d, type MaxUnpoolLayerOptions } from "./max-unpooling.js";
export { ModuleDict } from "./module-dict.js";
export { ModuleList } from "./module-list.js";
export { ParameterDict, ParameterList } from "./parameter-containers.js";
export { Parameter, type ParameterOptions } from "./parameter.js";
export { Sequential } from "./sequential.js";
export type { LoadOptions, LoadReport, StateDict } from "./state-dict.js";
export * from "./metrics/index.js";
