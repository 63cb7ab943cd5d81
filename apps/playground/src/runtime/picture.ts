import type { Picture, PicturePoints } from "./event.js";
import { type Numbers, numbersOf, type Values } from "./values.js";

export interface ImageOptions {
  /** What the picture is called; one with the same name takes its place. */
  readonly name?: string;
  /** Columns, where the shape does not say. */
  readonly width?: number;
  /** Colours for single values: shades of grey, or blue over white to orange for -1 to 1. Default: gray. */
  readonly colors?: "gray" | "diverging";
  /** The values of the darkest and lightest shade. Default: 0 and 1 (255 for uint8), or -1 and 1. */
  readonly range?: readonly [number, number];
  /** Points to draw over it: x and y from 0 to 1 in the picture (y downwards), and a class for each. */
  readonly points?: { readonly x: Values; readonly y: Values; readonly classes?: Values };
}

/**
 * Pixels of a tensor: [h, w], [1, h, w], [3, h, w] or [h, w, 3]; several, as [n, h, w] or [n, c, h, w], side by side in
 * rows.
 */
export async function pictureOf(values: Values, options: ImageOptions): Promise<Picture> {
  const [numbers, points] = await Promise.all([numbersOf("image", values), pointsOf(options.points)]);
  const { count, channels, height, width, last } = layoutOf(numbers, options.width);
  const colors = options.colors ?? "gray";
  const [low, high] = options.range ?? (numbers.isByte ? [0, 255] : colors === "diverging" ? [-1, 1] : [0, 1]);

  const perRow = Math.ceil(Math.sqrt((count * height) / width));
  const gap = count > 1 ? 1 : 0;
  const [full, tall] = [perRow * (width + gap) - gap, Math.ceil(count / perRow) * (height + gap) - gap];
  const rgba = new Uint8ClampedArray(4 * full * tall);
  const share = (place: number): number => (numbers.data[place]! - low) / (high - low);
  for (let n = 0; n < count; n++) {
    const corner = Math.floor(n / perRow) * (height + gap) * full + (n % perRow) * (width + gap);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const pixel = 4 * (corner + row * full + column);
        const place = (channel: number): number =>
          last
            ? ((n * height + row) * width + column) * channels + channel
            : ((n * channels + channel) * height + row) * width + column;
        if (channels === 3) for (let k = 0; k < 3; k++) rgba[pixel + k] = 255 * share(place(k));
        else if (colors === "gray") rgba.fill(255 * share(place(0)), pixel, pixel + 3);
        else rgba.set(diverging(share(place(0))), pixel);
        rgba[pixel + 3] = 255;
      }
    }
  }
  return { width: full, height: tall, rgba, ...(points === null ? {} : { points }) };
}

interface Layout {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** The channels stand last. */
  readonly last: boolean;
}

function layoutOf({ shape, data }: Numbers, given: number | undefined): Layout {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  const layout = (count: number, channels: number, height: number, width: number, last = false): Layout => ({ count, channels, height, width, last }); // prettier-ignore
  if (shape.length === 1) {
    const width = given ?? Math.round(Math.sqrt(a));
    if (width > 0 && Number.isInteger(data.length / width)) return layout(1, 1, data.length / width, width);
  }
  if (shape.length === 2 && given !== undefined && b % given === 0) return layout(a, 1, b / given, given);
  if (shape.length === 2) return layout(1, 1, a, b);
  if (shape.length === 3 && c === 3) return layout(1, 3, a, b, true);
  if (shape.length === 3 && a === 3) return layout(1, 3, b, c);
  if (shape.length === 3) return layout(a, 1, b, c);
  if (shape.length === 4 && (b === 1 || b === 3)) return layout(a, b, c, d);
  if (shape.length === 4 && d === 3) return layout(a, 3, b, c, true);
  throw new RangeError(
    `image: [${shape.join(", ")}] is no picture\n  hint: it takes [h, w], [c, h, w] or [n, c, h, w] with c 1 or 3; of [h * w], say the width`,
  );
}

async function pointsOf(points: ImageOptions["points"]): Promise<PicturePoints | null> {
  if (points === undefined) return null;
  const { x, y, classes } = points;
  const [xs, ys, cs] = await Promise.all([
    numbersOf("image", x),
    numbersOf("image", y),
    classes === undefined ? null : numbersOf("image", classes),
  ]);
  return {
    x: Float64Array.from(xs.data),
    y: Float64Array.from(ys.data),
    classes: cs === null ? new Uint8Array(xs.data.length) : Uint8Array.from(cs.data),
  };
}

const blue = [34, 109, 191] as const;
const paper = [247, 246, 243] as const;
const orange = [217, 108, 6] as const;

/** From blue at 0 over paper at ½ to orange at 1. */
export function diverging(share: number): number[] {
  const t = Math.min(Math.max(2 * share - 1, -1), 1);
  const to = t < 0 ? blue : orange;
  return paper.map((from, k) => from + Math.abs(t) * (to[k]! - from));
}
