import type { Generator } from "@downhill/core";

/** Moves a point of the box of 10 × 14 into the image. */
type Warp = (x: number, y: number) => readonly [x: number, y: number];

/**
 * Draws the strokes of a digit into an image of size × size, ink 1 on 0, distorted: turned, slanted, scaled, moved, bent by
 * slow waves, with a pen of another width. `distortion` scales all of it; 0 draws the font as it is. Always takes as many
 * random numbers.
 */
export function drawGlyph(
  image: Float32Array,
  size: number,
  strokes: readonly Float64Array[],
  distortion: number,
  random: Generator,
): void {
  const varied = (reach: number): number => distortion * reach * (2 * random.random53() - 1);
  const pen = size * Math.max(0.02, 0.042 + varied(0.018)); // half the width of a line
  const warp = warpOf(size, varied);
  for (const stroke of strokes) {
    let [x, y] = warp(stroke[0]!, stroke[1]!);
    for (let i = 2; i < stroke.length; i += 2) {
      const straight = Math.hypot(stroke[i]! - stroke[i - 2]!, stroke[i + 1]! - stroke[i - 1]!);
      const parts = Math.ceil(straight / 1.5); // long lines bend too
      for (let part = 1; part <= parts; part++) {
        const t = part / parts;
        const [toX, toY] = warp(
          stroke[i - 2]! * (1 - t) + stroke[i]! * t,
          stroke[i - 1]! * (1 - t) + stroke[i + 1]! * t,
        );
        drawLine(image, size, [x, y, toX, toY], pen);
        [x, y] = [toX, toY];
      }
    }
  }
}

function warpOf(size: number, varied: (reach: number) => number): Warp {
  const unit = (size / 28) * 1.43; // 14 high becomes 20 of 28, as in MNIST
  const angle = varied(0.22);
  const slant = varied(0.3);
  const [wide, high] = [unit * (1 + varied(0.2)), unit * (1 + varied(0.12))];
  const [left, up] = [size / 2 + varied(size * 0.07), size / 2 + varied(size * 0.07)];
  const [bendX, bendY] = [varied(0.8), varied(0.8)];
  const [phaseX, phaseY] = [Math.PI * varied(1), Math.PI * varied(1)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => {
    const bentX = x - 5 + bendX * Math.sin(0.45 * y + phaseX);
    const bentY = y - 7 + bendY * Math.sin(0.6 * x + phaseY);
    const [u, v] = [wide * (bentX - slant * bentY), high * bentY];
    return [left + cos * u - sin * v, up + sin * u + cos * v];
  };
}

/** Draws a line with round ends: each pixel keeps the most ink, by its distance from the line. */
function drawLine(
  image: Float32Array,
  size: number,
  [fromX, fromY, toX, toY]: readonly [number, number, number, number],
  pen: number,
): void {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const squared = dx * dx + dy * dy || 1;
  const reach = pen + 0.5;
  const inside = (value: number): number => Math.min(Math.max(value, 0), size);
  const [left, right] = [inside(Math.floor(Math.min(fromX, toX) - reach)), inside(Math.ceil(Math.max(fromX, toX) + reach))]; // prettier-ignore
  const [top, bottom] = [inside(Math.floor(Math.min(fromY, toY) - reach)), inside(Math.ceil(Math.max(fromY, toY) + reach))]; // prettier-ignore
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const [x, y] = [column + 0.5 - fromX, row + 0.5 - fromY];
      const t = Math.min(Math.max((x * dx + y * dy) / squared, 0), 1);
      const away = Math.sqrt((x - t * dx) ** 2 + (y - t * dy) ** 2);
      const ink = Math.min(reach - away, 1);
      const place = row * size + column;
      if (ink > image[place]!) image[place] = ink;
    }
  }
}
