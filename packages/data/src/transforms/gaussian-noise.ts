import { ValueError } from "@downhill/core";
import { fillNormal, show } from "@downhill/core/engine";
import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData } from "./image.js";

/**
 * Adds normal noise to each value of an image. Same as torchvision.transforms.v2.GaussianNoise, without its clipping.
 *
 * @param sigma Its standard deviation.
 *
 * @example
 * const noisy = transforms.gaussianNoise(0.05);
 */
export function gaussianNoise(sigma = 0.1): Step<Image | PixelData, Image> {
  if (!(sigma >= 0 && sigma < Infinity)) {
    throw new ValueError(`gaussianNoise: sigma must be a number of 0 or more, got ${show(sigma)}`);
  }
  return (input, random) => {
    const { data, shape } = imageOf("gaussianNoise", input);
    const noise = new Float32Array(data.length);
    fillNormal(noise, random, 0, sigma);
    return { data: noise.map((value, i) => value + data[i]!), shape };
  };
}
