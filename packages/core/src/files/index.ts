/** Tensor files: `@downhill/core/files`. */
export { FileError } from "./file-error.js";
export type { BlobLike, FileSource } from "./file-source.js";
export { type FileInput, openSource } from "./open-source.js";
export type { FileHandle } from "./page-files.js";
export { type Place, targetOf as openTarget } from "./place.js";
export type { Chunks, FileTarget } from "./placed-file.js";
export {
  encodeSafetensors,
  type EncodeSafetensorsOptions,
  loadSafetensors,
  type LoadSafetensorsOptions,
  openSafetensors,
  saveSafetensors,
  type SaveSafetensorsOptions,
} from "./safetensors.js";
export { type LoadOptions, SafetensorsFile, type TensorInfo } from "./safetensors-file.js";
export type { Tensors } from "./snapshot.js";
export { type CheckpointParts, encodeCheckpoint, loadCheckpoint, saveCheckpoint, type Stateful } from "./checkpoint.js";
export { Mirror, type MirrorOptions } from "./mirror.js";
export { encodeNpy, encodeNpz, type EncodeNpzOptions, loadNpy, loadNpz, saveNpy, saveNpz } from "./npy.js";
export { NpyFile, openNpy } from "./npy-file.js";
export { loadTorch, type TorchValue } from "./torch-file.js";
export { fromTorchNames, toTorchNames } from "./torch-names.js";
