/** A line's parameters. */
export interface Line {
  weight: number;
  bias: number;
}

/** 100 points near y = 2x + 3. */
export function plainData(): { xs: Float32Array; ys: Float32Array } {
  const xs = Float32Array.from({ length: 100 }, () => Math.random() * 10);
  return { xs, ys: xs.map((x) => 2 * x + 3 + (Math.random() - 0.5)) };
}

/** One step of gradient descent on the mean squared error of the rows given, by hand. */
export function plainStep(line: Line, xs: Float32Array, ys: Float32Array, rows: ArrayLike<number>, rate: number): void {
  let slope = 0;
  let offset = 0;
  for (let k = 0; k < rows.length; k++) {
    const i = rows[k]!;
    const error = line.weight * xs[i]! + line.bias - ys[i]!;
    slope += 2 * error * xs[i]!;
    offset += 2 * error;
  }
  line.weight -= (rate * slope) / rows.length;
  line.bias -= (rate * offset) / rows.length;
}
