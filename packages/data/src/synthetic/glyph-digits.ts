import { Generator, type Tensor, ValueError } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, fromHost, show } from "@downhill/core/engine";
import { checkIndex } from "../check-index.js";
import type { Dataset } from "../dataset.js";
import { generatorOf } from "../draw.js";
import { sampleSeed } from "../sample-seed.js";
import { drawGlyph } from "./glyph-drawing.js";
import { fontNames, type FontName, fontOf } from "./glyph-fonts.js";
import { checkNumber, normals, type SyntheticOptions } from "./labelled-points.js";

/** The options of `synthetic.glyphDigits`. */
export interface GlyphDigitsOptions extends SyntheticOptions {
  /** Which fonts are drawn: hold one out to test on. Default: all, `round`, `block`, `hand` and `book`. */
  readonly fonts?: readonly FontName[];
  /** How far digits are turned, slanted, bent and moved; 0 draws them as they are. Default: 1. */
  readonly distortion?: number;
  /** Standard deviation of noise in each pixel. Default: 0. */
  readonly noise?: number;
  /** Pixels along a side. Default: 28. */
  readonly size?: number;
  /** Whether each pass of a loader sees the same images, as a test set should; else each has new ones. Default: false. */
  readonly fixed?: boolean;
}

/** Images and their digits, drawn when they are asked for; see `glyphDigits`. */
export interface GlyphDigits extends Dataset<[image: Tensor, digit: Tensor]> {
  /** The digit at an index, drawn when it is asked for. */
  get(index: number, seed?: number): [image: Tensor, digit: Tensor];
  getBatch(indices: readonly number[], seed?: number): [images: Tensor, digits: Tensor];
}

/**
 * Makes images of digits, with nothing to download: strokes of several fonts, each time distorted anew. An image has shape [1,
 * size, size] and values from 0 to 1; its digit is int32. Sample i shows the digit i mod 10.
 *
 * What a sample draws follows from the generator's state at this call, the loader's pass and the index: batches and their
 * order change nothing.
 *
 * @example
 * const train = synthetic.glyphDigits(2000, { fonts: ["round", "hand", "block"] });
 * const test = synthetic.glyphDigits(500, { fonts: ["book"], fixed: true });
 * for await (const [images, digits] of new DataLoader(train, { batchSize: 50 })) {
 *   images.shape; // [50, 1, 28, 28]
 * }
 */
export function glyphDigits(n: number, options: GlyphDigitsOptions = {}): GlyphDigits {
  const where = "glyphDigits";
  checkOptions(where, options, ["fonts", "distortion", "noise", "size", "fixed", "generator"]);
  const { fonts = fontNames, distortion = 1, noise = 0, size = 28, fixed = false } = options;
  checkCount(where, "n", n, 1);
  checkCount(where, "size", size, 8);
  checkNumber(where, "distortion", distortion, 0);
  checkNumber(where, "noise", noise, 0);
  checkFlag(`${where}: fixed`, fixed);
  if (!Array.isArray(fonts) || fonts.length === 0 || !fonts.every((font) => fontNames.includes(font as FontName))) {
    throw new ValueError(`${where}: fonts must be some of ${fontNames.join(", ")}, got ${show(fonts)}`);
  }
  const own = generatorOf(where, options.generator).random32();

  const draw = (image: Float32Array, index: number, seed: number): void => {
    const random = new Generator(sampleSeed(sampleSeed(own, fixed ? 0 : seed), index));
    const font = fontOf(fonts[Math.floor(fonts.length * random.random53())] as FontName);
    drawGlyph(image, size, font[index % 10]!, distortion, random);
    if (noise === 0) return;
    normals(image.length, random).forEach((value, i) => {
      image[i] = Math.min(Math.max(image[i]! + noise * value, 0), 1);
    });
  };

  return {
    length: n,
    get(index, seed = 0) {
      const place = checkIndex(where, index, n);
      const image = new Float32Array(size * size);
      draw(image, place, seed);
      const digit = Int32Array.of(place % 10);
      return [fromHost(where, image, [1, size, size], "float32"), fromHost(where, digit, [], "int32")];
    },
    getBatch(indices, seed = 0) {
      const count = indices.length;
      const images = new Float32Array(count * size * size);
      const digits = new Int32Array(count);
      indices.forEach((index, i) => {
        const place = checkIndex(where, index, n);
        draw(images.subarray(i * size * size, (i + 1) * size * size), place, seed);
        digits[i] = place % 10;
      });
      return [fromHost(where, images, [count, 1, size, size], "float32"), fromHost(where, digits, [count], "int32")];
    },
  };
}
