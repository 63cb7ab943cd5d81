import { ValueError } from "@downhill/core";
import { checkCount, checkOptions } from "@downhill/core/engine";
import type { Step } from "./compose.js";
import { type Image, imageOf, type PixelData, sizeOfImage } from "./image.js";

/** The options of `transforms.randomCrop`. */
export interface RandomCropOptions {
  /** Pixels of `fill` that are put around the image first. Default: 0. */
  readonly padding?: number;
  /** Default: 0. */
  readonly fill?: number;
}

/**
 * Cuts a piece out of an image, at a random place. Same as torchvision.transforms.RandomCrop.
 *
 * @param size Of the piece: one number, or [height, width].
 *
 * @example
 * const crop = transforms.randomCrop(32, { padding: 4 });
 */
export function randomCrop(
  size: number | readonly [height: number, width: number],
  options: RandomCropOptions = {},
): Step<Image | PixelData, Image> {
  checkOptions("randomCrop", options, ["padding", "fill"]);
  const [height, width] = sizeOfImage("randomCrop", size);
  const { padding = 0, fill = 0 } = options;
  checkCount("randomCrop", "padding", padding, 0);
  return (input, random) => {
    const image = imageOf("randomCrop", input);
    const [channels, rows, columns] = image.shape;
    const [down, across] = [rows + 2 * padding - height, columns + 2 * padding - width];
    if (down < 0 || across < 0) {
      throw new ValueError(
        `randomCrop: a piece of ${height} x ${width} from an image of ${rows} x ${columns} with padding ${padding}`,
        "more padding, or a smaller piece",
      );
    }
    const top = Math.floor((down + 1) * random.random53()) - padding;
    const left = Math.floor((across + 1) * random.random53()) - padding;
    const data = new Float32Array(channels * height * width).fill(fill);
    const [from, to] = [Math.max(left, 0), Math.min(left + width, columns)];
    for (let channel = 0; channel < channels; channel++) {
      for (let row = Math.max(top, 0); row < Math.min(top + height, rows); row++) {
        const start = (channel * rows + row) * columns;
        if (to > from) {
          data.set(image.data.subarray(start + from, start + to), (channel * height + row - top) * width + from - left);
        }
      }
    }
    return { data, shape: [channels, height, width] };
  };
}
