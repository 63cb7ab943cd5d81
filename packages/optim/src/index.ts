export { Adam, type AdamGroup, type AdamOptions, type AdamState } from "./adam.js";
export { AdamW } from "./adamw.js";
export { Optimizer, type StepHook } from "./optimizer.js";
export type { OptimizerStateDict } from "./optimizer-state.js";
export type { ParamGroup, ParamGroupInput, Params } from "./param-group.js";
export { advance, type ParamState, type StateKinds, variable } from "./param-state.js";
export { RMSprop, type RMSpropGroup, type RMSpropOptions, type RMSpropState } from "./rmsprop.js";
export { SGD, type SGDGroup, type SGDOptions, type SGDState } from "./sgd.js";
