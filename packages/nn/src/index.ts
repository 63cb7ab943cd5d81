export * as functional from "./functional/index.js";
export { Linear, type LinearOptions } from "./linear.js";
export { L1Loss, MSELoss } from "./losses.js";
export { type ForwardHook, type ForwardPreHook, type Layer, Module } from "./module.js";
export { Parameter } from "./parameter.js";
export { Sequential } from "./sequential.js";
export type { LoadReport, StateDict } from "./state-dict.js";
