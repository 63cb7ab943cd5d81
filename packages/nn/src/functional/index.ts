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
export { crossEntropy, type CrossEntropyOptions, nllLoss, type NLLLossOptions } from "./cross-entropy.js";
export { linear } from "./linear.js";
export { l1Loss, type LossOptions, mseLoss, type Reduction } from "./loss.js";
