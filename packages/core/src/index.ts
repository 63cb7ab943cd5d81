import "./single-copy.js";
import "./methods.js";
import { registerBackend } from "./backend/device.js";
import { ReferenceBackend } from "./reference/interpreter.js";

registerBackend(new ReferenceBackend("cpu"));

export * from "./errors.js";
export type { DType, TypedArray } from "./dtype.js";
export type { Shape, Sizes } from "./shape.js";
export { composite, keep, Tensor, type Hook, type Nested, type Removable } from "./tensor.js";
export * from "./creation.js";
export { type Device, setDefaultDevice, defaultDevice, getDevice } from "./backend/device.js";
export { noGrad, enableGrad, isGradEnabled, setGradEnabled } from "./autograd/mode.js";
export * from "./ops/elementwise.js";
export { matmul } from "./ops/matmul.js";
