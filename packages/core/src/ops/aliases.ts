// PyTorch's second names, as functions.
export {
  abs as absolute,
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atan2 as arctan2,
  atanh as arctanh,
  clamp as clip,
  div as divide,
  div as trueDivide,
  ge as greaterEqual,
  gt as greater,
  le as lessEqual,
  lt as less,
  mul as multiply,
  ne as notEqual,
  neg as negative,
  sign as sgn,
  sub as subtract,
  trunc as fix,
} from "./elementwise.js";
export { cat as concat, cat as concatenate, vstack as rowStack } from "./joining.js";
export { movedim as moveaxis, transpose as swapaxes, transpose as swapdims } from "./movement.js";
export { outer as ger } from "./matmul.js";
export { trapezoid as trapz } from "./composite/running.js";
