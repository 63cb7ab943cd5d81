export { DeviceLostError } from "./errors.js";
export type { Peaks } from "./profile/peaks.js";
export { profile, Profile, type ProfiledKernel, type ProfileOptions } from "./profile/profile.js";
export { type DeviceOptions, isAvailable, requestDevice } from "./request-device.js";
