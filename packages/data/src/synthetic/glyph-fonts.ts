/** How the digits of a font are drawn: strokes, each a list of x and y by turns, in a box of 10 × 14 with y downwards. */
export type Font = readonly (readonly Float64Array[])[];

// By digit. Strokes are separated by ";"; one that begins with "~" is a smooth curve through its points, closed where it
// comes back to the first; others are straight from point to point.
const drawings = {
  /** As children learn to write them. */
  round: [
    "~5,0 1.7,2.4 0.8,7 1.7,11.6 5,14 8.3,11.6 9.2,7 8.3,2.4 5,0",
    "2.5,3 5.5,0 5.5,14",
    "~1,3.5 2.3,0.8 5,0 8,1 9,3.8 7.5,7 4,10.5 1,14;1,14 9.2,14",
    "~1.2,2 4.5,0 8,1.2 8.3,4.5 6,6.4 4,6.8;~4,6.8 7.5,7.4 9,10.2 7.5,13 4.5,14 1.5,13 0.8,11.6",
    "6.8,14 6.8,0 0.8,9.8 9.4,9.8",
    "8.5,0 2,0 1.5,6.2;~1.5,6.2 4.5,5.3 8,6.6 9,9.6 7.8,12.8 4.5,14 1,12.4",
    "~7.8,0.6 4.5,2 2,5.5 1,9.5 2,12.8 5,14 8.2,12.8 9,9.8 7.8,7.2 5,6.4 2.3,7.6 1.1,10",
    "1,0 9,0 4,14",
    "~5,6.6 2.2,5.2 1.9,2.2 5,0 8.1,2.2 7.8,5.2 5,6.6 1.6,8.6 1,11.4 5,14 9,11.4 8.4,8.6 5,6.6",
    "~8.7,4.2 7.6,6.8 5,7.6 2,6.6 1,4 2.2,1.2 5,0 8,1.2 8.9,4.5 8,9 5.5,14",
  ],
  /** As on a pocket calculator. */
  block: [
    "1,0 9,0 9,14 1,14 1,0",
    "5,0 5,14",
    "1,0 9,0 9,7 1,7 1,14 9,14",
    "1,0 9,0 9,14 1,14;2.5,7 9,7",
    "1,0 1,7 9,7;9,0 9,14",
    "9,0 1,0 1,7 9,7 9,14 1,14",
    "9,0 1,0 1,14 9,14 9,7 1,7",
    "1,0 9,0 9,14",
    "1,0 9,0 9,14 1,14 1,0;1,7 9,7",
    "9,7 1,7 1,0 9,0 9,14 1,14",
  ],
  /** A quick hand: a long flag on the 1, a bar through the 7, an open 4. */
  hand: [
    "~6,0 2.8,3 2,8 3,12.4 5,14 7.6,11.4 8.4,6 7.8,2 6,0",
    "1.5,5.5 6,0 6,14",
    "~1.4,3 3.2,0.4 6.4,0.2 8.4,2.4 7.6,6 4.6,9.8 1.6,13.2;~1.6,13.2 3.4,12 5.6,13.2 7.4,14 9.4,12.8",
    "1.2,0 8.6,0 4.4,5.6;~4.4,5.6 7.4,6 9,8.6 8.6,11.8 5.8,14 2.4,13.6 0.8,11.8",
    "3.4,0 1,8.4 9.2,8.4;7,4.6 6.4,14",
    "8.8,0.4 3,0 2.2,6;~2.2,6 5.4,5.2 8.4,7 8.8,10.4 6.6,13.4 3.4,14 1,12.6",
    "~6.8,0 3.6,3.6 1.6,8 1.8,12 4.4,14 7.4,13 8.4,10 7,7.8 4.4,7.8 2,10.2",
    "1,0.4 9,0 4.6,14;2.8,7 8,7",
    "~8.4,2 6,0 3,0.8 2.4,3.6 5,6.4 8,9.4 8,12.6 5,14 2,12.6 2,9.6 5,6.6 8,3.8 8.4,2",
    "~8.4,3 6.4,0.2 3.2,0.6 1.6,3.8 3,6.8 6,6.6 8.2,4;8.4,2.6 8.2,14",
  ],
  /** As printed in books: feet, beaks and wide bowls. */
  book: [
    "~5,0 1,3 0,7 1,11 5,14 9,11 10,7 9,3 5,0",
    "2,2.6 5,0 5,14;2,14 8,14",
    "~1,4 1.4,1.6 4,0 7.6,0.6 9,3.4 8,6.4 5,9 1,13.8;1,14 9,14 9.2,12",
    "~1,3.4 2.2,0.8 5,0 8,1 8.6,3.6 7,6 4.4,6.6;~4.4,6.6 8,7.4 9.4,10.4 8,13.2 5,14 2,13.4 0.8,10.8",
    "7,14 7,0 6.4,0 0.4,10.4 10,10.4;4.8,14 9,14",
    "8.8,1.4 8.6,0 2.4,0 1.8,6.6;~1.8,6.6 5,5 8.6,6.6 9.4,9.8 8,13 5,14 2,13.4 0.8,11.4",
    "~8.6,2.4 7.2,0.4 4.6,0.2 2,2.6 1,7 1.6,11.6 5,14 8.4,12.4 9,9.4 7.6,6.8 5,6 2.2,7.6 1.1,10",
    "1,2 1,0 9.2,0;~9.2,0 6.6,4.4 4.8,9 4.4,14",
    "~5,6.4 2.6,5 2.4,2 5,0 7.6,2 7.4,5 5,6.4 1.2,8.4 0.8,11.8 5,14 9.2,11.8 8.8,8.4 5,6.4",
    "~1.4,11.6 2.8,13.6 5.4,13.8 8,11.4 9,7 8.4,2.4 5,0 1.6,1.6 1,4.6 2.4,7.2 5,8 7.8,6.4 8.9,4",
  ],
} as const;

/** The fonts there are. */
export type FontName = keyof typeof drawings;

export const fontNames = Object.keys(drawings) as readonly FontName[];

const fonts = new Map<FontName, Font>();

/** A font's strokes, with curves as many short lines. */
export function fontOf(name: FontName): Font {
  let font = fonts.get(name);
  if (font === undefined) {
    font = drawings[name].map((digit) => digit.split(";").map(strokeOf));
    fonts.set(name, font);
  }
  return font;
}

function strokeOf(text: string): Float64Array {
  const smooth = text.startsWith("~");
  const points = text
    .slice(smooth ? 1 : 0)
    .split(" ")
    .map((point) => point.split(",").map(Number) as [number, number]);
  return Float64Array.from((smooth ? smoothed(points) : points).flat());
}

const STEPS = 6;

/** A Catmull-Rom spline through the points (Catmull and Rom 1974). */
function smoothed(points: readonly (readonly [number, number])[]): [number, number][] {
  const last = points.length - 1;
  const closed = points[0]!.every((value, k) => value === points[last]![k]);
  const at = (i: number): readonly [number, number] =>
    closed ? points[(i + last) % last]! : points[Math.min(Math.max(i, 0), last)]!;
  const curve: [number, number][] = [];
  for (let i = 0; i < last; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let step = 0; step < STEPS; step++) {
      const t = step / STEPS;
      const along = (k: 0 | 1): number =>
        b[k] +
        0.5 * t * (c[k] - a[k] + t * (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k] + t * (3 * (b[k] - c[k]) + d[k] - a[k])));
      curve.push([along(0), along(1)]);
    }
  }
  curve.push([...points[last]!]);
  return curve;
}
