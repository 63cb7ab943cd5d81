export { constant_, dirac_, eye_, ones_, zeros_ } from "./constants.js";
export type { InitOptions } from "./fill.js";
export { calculateGain, type Nonlinearity } from "./gain.js";
export {
  kaimingNormal_,
  type KaimingOptions,
  kaimingUniform_,
  normal_,
  orthogonal_,
  type OrthogonalOptions,
  sparse_,
  type SparseOptions,
  truncNormal_,
  type TruncNormalOptions,
  uniform_,
  xavierNormal_,
  type XavierOptions,
  xavierUniform_,
} from "./random.js";
