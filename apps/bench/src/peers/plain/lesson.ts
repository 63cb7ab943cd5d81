import type { Runner } from "../../runner.ts";
import { batchSize, checkedSteps, count, lossOf, points, rate, start } from "../../work/lesson.ts";

interface Line {
  weight: number;
  bias: number;
}

/** One step of gradient descent on the mean squared error of the rows from `first` to `last`, by hand. */
function step(line: Line, xs: Float32Array, ys: Float32Array, rows: Int32Array, first: number, last: number): void {
  let slope = 0;
  let offset = 0;
  for (let k = first; k < last; k++) {
    const i = rows[k]!;
    const error = line.weight * xs[i]! + line.bias - ys[i]!;
    slope += 2 * error * xs[i]!;
    offset += 2 * error;
  }
  line.weight -= (rate * slope) / (last - first);
  line.bias -= (rate * offset) / (last - first);
}

function descent(train: (line: Line, xs: Float32Array, ys: Float32Array, steps: number) => void): Runner {
  const { xs, ys } = points();
  const line: Line = { ...start };
  return {
    run: (steps) => train(line, xs, ys, steps),
    async check() {
      train(line, xs, ys, checkedSteps);
      return [lossOf(line.weight, line.bias)];
    },
  };
}

const inOrder = (): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

/** One sample per step. */
export async function program2(): Promise<Runner> {
  const rows = inOrder();
  return descent((line, xs, ys, steps) => {
    for (let k = 0; k < steps; k++) step(line, xs, ys, rows, k % count, (k % count) + 1);
  });
}

/** Shuffled batches of 10. */
export async function program3(): Promise<Runner> {
  const rows = inOrder();
  return descent((line, xs, ys, steps) => {
    for (let done = 0; done < steps;) {
      shuffle(rows);
      for (let at = 0; at < count && done < steps; at += batchSize, done++)
        step(line, xs, ys, rows, at, at + batchSize);
    }
  });
}

/** Fisher-Yates, in place. */
export function shuffle(rows: Int32Array): void {
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  }
}
