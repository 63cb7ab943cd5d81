import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData } from "./image.js";

/**
 * Mirrors an image, left to right, with probability `p`. Same as torchvision.transforms.RandomHorizontalFlip.
 *
 * @example
 * const flip = transforms.randomHorizontalFlip();
 */
export function randomHorizontalFlip(p = 0.5): Step<Image | PixelData, Image> {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`randomHorizontalFlip: p must be from 0 to 1, got ${show(p)}`);
  return (input, random) => {
    const image = imageOf("randomHorizontalFlip", input);
    if (random.random53() >= p) return image;
    const width = image.shape[2];
    const data = image.data.slice();
    for (let start = 0; start < data.length; start += width) data.subarray(start, start + width).reverse();
    return { data, shape: image.shape };
  };
}
