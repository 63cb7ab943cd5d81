export { Adadelta, type AdadeltaGroup, type AdadeltaOptions, type AdadeltaState } from "./adadelta.js";
export { Adafactor, type AdafactorGroup, type AdafactorOptions, type AdafactorState } from "./adafactor.js";
export { Adagrad, type AdagradGroup, type AdagradOptions, type AdagradState } from "./adagrad.js";
export { Adam, type AdamGroup, type AdamOptions, type AdamState } from "./adam.js";
export { AdamW } from "./adamw.js";
export { Adamax, type AdamaxGroup, type AdamaxOptions, type AdamaxState } from "./adamax.js";
export { ASGD, type ASGDGroup, type ASGDOptions, type ASGDState } from "./asgd.js";
export { LBFGS, type LBFGSGroup, type LBFGSOptions, type LBFGSState } from "./lbfgs.js";
export { Lion, type LionGroup, type LionOptions, type LionState } from "./lion.js";
export { Muon, type MuonGroup, type MuonOptions, type MuonState } from "./muon.js";
export { NAdam, type NAdamGroup, type NAdamOptions, type NAdamState } from "./nadam.js";
export { Optimizer } from "./optimizer.js";
export { OptimizerBase, type StepHook } from "./optimizer-base.js";
export type { OptimizerStateDict } from "./optimizer-state.js";
export type { ParamGroup, ParamGroupInput, Params } from "./param-group.js";
export { advance, countStep, live, type ParamState, setNumber, type StateKinds, variable } from "./param-state.js";
export { RAdam, type RAdamGroup, type RAdamOptions, type RAdamState } from "./radam.js";
export { RMSprop, type RMSpropGroup, type RMSpropOptions, type RMSpropState } from "./rmsprop.js";
export { Rprop, type RpropGroup, type RpropOptions, type RpropState } from "./rprop.js";
export { SGD, type SGDGroup, type SGDOptions, type SGDState } from "./sgd.js";
export {
  AveragedParameters,
  type AveragedParametersOptions,
  type AveragedParametersStateDict,
  type AverageFn,
  getEmaAvgFn,
  getSwaAvgFn,
} from "./averaged-parameters.js";
export {
  explainStep,
  type ExplainStepOptions,
  type StepExplanation,
  type StepNumber,
  type StepTerm,
} from "./explain-step.js";
export { type ClipNormOptions, clipGradNorm, clipGradsWithNorm, clipGradValue, getTotalNorm } from "./clip-grad.js";
export { GradScaler, type GradScalerOptions, type GradScalerStateDict } from "./grad-scaler.js";
export { lrRangeTest, type LRRangeTestOptions, type LRRangeTestResult } from "./lr-range-test.js";
export { ChainedScheduler } from "./chained-scheduler.js";
export { ConstantLR, type ConstantLROptions } from "./constant-lr.js";
export { CosineAnnealingLR, type CosineAnnealingLROptions } from "./cosine-annealing-lr.js";
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine-annealing-warm-restarts.js";
export { CyclicLR, type CyclicLROptions } from "./cyclic-lr.js";
export { ExponentialLR, type ExponentialLROptions } from "./exponential-lr.js";
export { LambdaLR, type LambdaLROptions } from "./lambda-lr.js";
export { LinearLR, type LinearLROptions } from "./linear-lr.js";
export { LRScheduler, type LRSchedulerStateDict, type RateInput, type SchedulerSetting } from "./lr-scheduler.js";
export { MultiplicativeLR, type MultiplicativeLROptions } from "./multiplicative-lr.js";
export { MultiStepLR, type MultiStepLROptions } from "./multi-step-lr.js";
export { OneCycleLR, type OneCycleLROptions } from "./one-cycle-lr.js";
export { PolynomialLR, type PolynomialLROptions } from "./polynomial-lr.js";
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauStateDict,
} from "./reduce-lr-on-plateau.js";
export { cosine, type DecayShape, type Schedule, stepDecay, warmup, warmupStableDecay } from "./schedule.js";
export { SequentialLR, type SequentialLROptions } from "./sequential-lr.js";
export { StepLR, type StepLROptions } from "./step-lr.js";
export { SWALR, type SWALROptions } from "./swalr.js";
export { WarmupStableDecay, type WarmupStableDecayOptions } from "./warmup-stable-decay.js";
