import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { type Image, imageOf, type PixelData } from "./image.js";
import type { Step } from "./compose.js";

/**
 * Subtracts a mean from each channel and divides by a deviation. Same as torchvision.transforms.Normalize.
 *
 * @param mean One for all channels, or one for each; `std` likewise.
 *
 * @example
 * const mnist = transforms.normalize(0.1307, 0.3081);
 */
export function normalize(
  mean: number | readonly number[],
  std: number | readonly number[],
): Step<Image | PixelData, Image> {
  const [means, stds] = [[mean].flat(), [std].flat()];
  if (![...means, ...stds].every(Number.isFinite) || stds.some((value) => value <= 0)) {
    throw new ValueError(`normalize: mean and std must be finite, std positive, got ${show(mean)} and ${show(std)}`);
  }
  return (input) => {
    const { data, shape } = imageOf("normalize", input);
    for (const values of [means, stds]) {
      if (values.length !== 1 && values.length !== shape[0])
        throw new ValueError(`normalize: ${values.length} values for an image of ${shape[0]} channels`);
    }
    const size = shape[1] * shape[2];
    const at = (values: readonly number[], i: number): number =>
      values[values.length === 1 ? 0 : Math.floor(i / size)]!;
    return { data: data.map((value, i) => (value - at(means, i)) / at(stds, i)), shape };
  };
}
