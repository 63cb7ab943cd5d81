import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData, sampled } from "./image.js";

/**
 * Turns an image about its middle by a random angle, counterclockwise, with bilinear interpolation; 0 lies beyond its edge. Same
 * as torchvision.transforms.RandomRotation with that interpolation.
 *
 * @param degrees The largest angle either way, or [least, greatest].
 *
 * @example
 * const turn = transforms.randomRotation(10);
 */
export function randomRotation(
  degrees: number | readonly [least: number, greatest: number],
): Step<Image | PixelData, Image> {
  const [least, greatest] = typeof degrees === "number" ? [-degrees, degrees] : degrees;
  if (!(least <= greatest && greatest - least < Infinity)) {
    throw new ValueError(`randomRotation: degrees must be 0 or more, or [least, greatest], got ${show(degrees)}`);
  }
  return (input, random) => {
    const image = imageOf("randomRotation", input);
    const angle = ((least + (greatest - least) * random.random53()) * Math.PI) / 180;
    const [, height, width] = image.shape;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    const locate = (column: number, row: number): readonly [number, number] => {
      const [x, y] = [column - middleX, row - middleY];
      return [middleX + cos * x - sin * y, middleY + sin * x + cos * y];
    };
    return sampled(image, height, width, locate, 0);
  };
}
