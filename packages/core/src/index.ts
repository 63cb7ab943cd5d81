import "./install.js";

export {
  DeviceError,
  DownhillError,
  DTypeError,
  GradientError,
  IndexError,
  MemoryError,
  ShapeError,
  TraceError,
  ValueError,
  VersionError,
} from "./errors.js";
export type { DType, TypedArray } from "./dtype.js";
export type { Shape, Sizes } from "./shape.js";
export type { Nested } from "./nest.js";
export { keep } from "./keep.js";
export { composite, Tensor, type Hook, type Removable } from "./tensor.js";
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  logspace,
  ones,
  onesLike,
  tensor,
  type TensorData,
  type TensorOptions,
  zeros,
  zerosLike,
} from "./creation.js";
export { compile, type Compiled, type CompileOptions } from "./program/compile.js";
export { type PrintOptions, printOptions, type PrintSettings, setPrintOptions } from "./print-options.js";
export { defaultGenerator, Generator, manualSeed } from "./random/generator.js";
export { RandomState } from "./random/random-state.js";
export {
  bernoulli,
  multinomial,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  type RandomOptions,
  randperm,
  uniform,
} from "./random/sampling.js";
export { memoryStats, resetPeakMemoryStats, setMemoryBudget } from "./backend/device-memory.js";
export {
  type BatchShape,
  estimateMemory,
  type EstimateOptions,
  type MemoryEstimate,
} from "./program/estimate-memory.js";
export { largestBatch, type LargestBatchOptions } from "./program/largest-batch.js";
export type { HeldMemory, MemoryUsage } from "./backend/memory-usage.js";
export { type Device, setDefaultDevice, defaultDevice, getDevice } from "./backend/device.js";
export { explain, Explanation, type ExplainOptions } from "./explain/explain.js";
export type { ExplainedKernel, ExplainedProgram, ExplainedValue } from "./explain/explanation.js";
export { type RecordedNode, recordedGraph } from "./explain/recorded-graph.js";
export { autocast, type AutocastOptions } from "./autocast.js";
export { noGrad, enableGrad, isGradEnabled, setGradEnabled } from "./autograd/mode.js";
export { detectAnomaly, setDetectAnomaly } from "./autograd/anomaly.js";
export type { BackwardOptions } from "./autograd/backward.js";
export { checkpoint } from "./autograd/checkpoint.js";
export {
  AutogradFunction,
  FunctionContext,
  type FunctionDefinition,
  type InputGradients,
} from "./autograd/custom-function.js";
export {
  gradcheck,
  GradcheckError,
  type GradcheckOptions,
  gradgradcheck,
  type GradgradcheckOptions,
} from "./testing/gradcheck.js";
export { type FunctionalOptions, hessian, hvp, jacobian, jvp, vjp } from "./autograd/functional.js";
export { grad, type GradOptions, type Tensors } from "./autograd/grad.js";
export * from "./ops/elementwise.js";
export * from "./ops/composite/softmax.js";
export { where } from "./ops/where.js";
export type { Value } from "./ops/operand.js";
export * from "./ops/aliases.js";
export { broadcastShapes } from "./ops/broadcast-shapes.js";
export * from "./ops/functions.js";
export * from "./ops/promised.js";
export * from "./ops/composite/triangle-indices.js";
export * from "./ops/matmul.js";
export * as linalg from "./linalg/index.js";
export { einsum } from "./ops/einsum.js";
export { at, type Indexed } from "./ops/at.js";
export * from "./ops/indexing.js";
export * from "./ops/index-put.js";
export { type Range, range } from "./ops/range.js";
export type { Mask } from "./ops/mask.js";
export type { Index, Positions } from "./ops/subscript.js";
export * from "./ops/selection.js";
export * from "./ops/sorting.js";
export * from "./ops/movement.js";
export * from "./ops/padding.js";
export * from "./ops/partition.js";
export * from "./ops/repetition.js";
export { cat, hstack, meshgrid, stack, vstack } from "./ops/joining.js";
export * from "./ops/reduction.js";
export * from "./ops/scan.js";
export * from "./ops/composite/statistics.js";
export * from "./ops/extremes.js";
export * from "./ops/diagonals.js";
export { oneHot } from "./ops/one-hot.js";
export { fromBuffer, type FromBufferOptions, toBuffer } from "./from-buffer.js";
export { fromTransferable, toTransferable, type TransferableForm } from "./transferable.js";
export { getNumThreads, setNumThreads } from "./wasm/threads/num-threads.js";
