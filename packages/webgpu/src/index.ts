export { DeviceLostError } from "./errors.js";
export type { Peaks } from "./profile/peaks.js";
export { profile, Profile, type ProfiledKernel, type ProfileOptions } from "./profile/profile.js";
export type { Choice as MatmulChoice, Tile as MatmulTile } from "./kernels/matmul-variants.js";
export { applyTuning, type ProductSizes, tune, type TunedProduct, type TuneOptions } from "./profile/tune.js";
export { type DeviceOptions, isAvailable, requestDevice } from "./request-device.js";
