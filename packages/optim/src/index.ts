export { advance, Optimizer, type ParamGroup, type ParamGroupInput, type Params, type ParamState, type StepHook } from "./optimizer.js";
export type { OptimizerStateDict } from "./optimizer-state.js";
export { SGD, type SGDGroup, type SGDOptions } from "./sgd.js";
