/** What is done to samples on their way: functions for MapDataset. */
export { compose, type Step } from "./compose.js";
export { gaussianNoise } from "./gaussian-noise.js";
export type { Image, PixelData } from "./image.js";
export { normalize } from "./normalize.js";
export { oneHot } from "./one-hot.js";
export { randomCrop, type RandomCropOptions } from "./random-crop.js";
export { randomHorizontalFlip } from "./random-horizontal-flip.js";
export { randomRotation } from "./random-rotation.js";
export { resize } from "./resize.js";
export { toTensor } from "./to-tensor.js";
