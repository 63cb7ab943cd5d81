import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData, sampled, sizeOfImage } from "./image.js";

/**
 * Brings an image to another size by bilinear interpolation between the middles of pixels. Same as
 * torch.nn.functional.interpolate with mode "bilinear".
 *
 * @param size Of the new image: one number, or [height, width].
 *
 * @example
 * const shrink = transforms.resize([24, 32]);
 */
export function resize(size: number | readonly [height: number, width: number]): Step<Image | PixelData, Image> {
  const [height, width] = sizeOfImage("resize", size);
  return (input) => {
    const image = imageOf("resize", input);
    const [down, across] = [image.shape[1] / height, image.shape[2] / width];
    const locate = (column: number, row: number): readonly [number, number] => [
      Math.max(across * (column + 0.5) - 0.5, 0),
      Math.max(down * (row + 0.5) - 0.5, 0),
    ];
    return sampled(image, height, width, locate, null);
  };
}
