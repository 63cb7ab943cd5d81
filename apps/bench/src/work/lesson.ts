import { values } from "./inputs.ts";

export const count = 100;
export const start = { weight: 0.5, bias: 0.1 } as const;
export const rate = 0.001;
/** Samples per batch of program 3. */
export const batchSize = 10;
/** Steps after which the contestants compare the loss over all points. */
export const checkedSteps = 2000;

/** Points near y = 2x + 3, x from 0 to 10. */
export function points(): { xs: Float32Array<ArrayBuffer>; ys: Float32Array<ArrayBuffer> } {
  const xs = values(1, count, 5).map((x) => x + 5);
  const noise = values(2, count);
  return { xs, ys: xs.map((x, i) => 2 * x + 3 + noise[i]!) };
}

/** The mean squared error of a line over all points: what the contestants agree on. */
export function lossOf(weight: number, bias: number): number {
  const { xs, ys } = points();
  return xs.reduce((sum, x, i) => sum + (weight * x + bias - ys[i]!) ** 2, 0) / count;
}
