/** From which elements of a dim each element of a resampled one is made: `count` each, with their weights. */
export interface Taps {
  readonly count: number;
  /** Places in the input, [size · count]. */
  readonly places: Int32Array;
  /** Their weights, [size · count]; null where each element is a copy. */
  readonly weights: Float64Array | null;
}

/** One dim: how long it is and shall be, and the elements of the input per element of the output. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Whether the first and the last elements of input and output stand in the same places. */
  readonly alignCorners: boolean;
}

/** The elements at (i + offset) · step, rounded down: floats of 32 bits, as PyTorch computes them. */
export function nearestTaps({ from, to, step }: Stretch, offset: number): Taps {
  const scale = Math.fround(step);
  const places = Int32Array.from({ length: to }, (_, i) =>
    Math.min(Math.floor(Math.fround((i + offset) * scale)), from - 1),
  );
  return { count: 1, places, weights: null };
}

const at = ({ step, alignCorners }: Stretch, i: number): number => (alignCorners ? step * i : step * (i + 0.5) - 0.5);

/** `count` neighbours from `first` steps before where an element comes from, weighted by their distance to it. */
function neighbours(
  stretch: Stretch,
  count: number,
  place: (i: number) => number,
  weight: (distance: number) => number,
): Taps {
  const { from, to } = stretch;
  const places = new Int32Array(to * count);
  const weights = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const x = place(i);
    const first = Math.floor(x) - (count / 2 - 1);
    for (let k = 0; k < count; k++) {
      places[i * count + k] = Math.min(Math.max(first + k, 0), from - 1);
      weights[i * count + k] = weight(first + k - x);
    }
  }
  return { count, places, weights };
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic, 1981: a = -0.75 in OpenCV and PyTorch, -0.5 with antialiasing. */
const cubic = (a: number) => (distance: number) => {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
};

/** The two elements beside, weighted by nearness; before the first, the first. */
export const linearTaps = (stretch: Stretch): Taps =>
  neighbours(stretch, 2, (i) => Math.max(0, at(stretch, i)), triangle);

/** Four elements, weighted by a cubic; beyond the ends, the outermost. */
export const cubicTaps = (stretch: Stretch): Taps => neighbours(stretch, 4, (i) => at(stretch, i), cubic(-0.75));

/** The kernels of `linearTaps` and `cubicTaps`, widened where the result is smaller, so that every element counts. */
export function smoothTaps({ from, to, step }: Stretch, kernel: "linear" | "cubic"): Taps {
  const [reach, weight] = kernel === "linear" ? [1, triangle] : [2, cubic(-0.5)];
  const widening = Math.max(step, 1);
  const support = reach * widening;
  const count = Math.ceil(support) * 2 + 1;
  const places = new Int32Array(to * count);
  const weights = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const center = step * (i + 0.5);
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const last = Math.min(Math.trunc(center + support + 0.5), from);
    let sum = 0;
    for (let j = first; j < last; j++) sum += weight((j - center + 0.5) / widening);
    for (let k = 0; k < count; k++) {
      const j = first + k;
      places[i * count + k] = Math.min(j, from - 1);
      weights[i * count + k] = j < last ? weight((j - center + 0.5) / widening) / sum : 0;
    }
  }
  return { count, places, weights };
}
