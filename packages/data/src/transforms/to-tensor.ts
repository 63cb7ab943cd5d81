import type { Tensor } from "@downhill/core";
import { fromHost } from "@downhill/core/engine";
import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData } from "./image.js";

/**
 * Makes a float32 tensor of shape [channels, height, width] of an image; the bytes of an ImageData become 0 to 1, its alpha
 * is left out. Same as torchvision.transforms.ToTensor. It comes last: the other transforms work in the host's memory.
 *
 * @example
 * const pixels = { data: Uint8ClampedArray.of(255, 0, 0, 255), width: 1, height: 1 }; // context.getImageData(…) gives such
 * const image = transforms.toTensor()(pixels, new Generator(0));
 * image.shape; // [3, 1, 1]
 */
export function toTensor(): Step<Image | PixelData, Tensor> {
  return (input) => {
    const { data, shape } = imageOf("toTensor", input);
    return fromHost("toTensor", data, shape, "float32");
  };
}
