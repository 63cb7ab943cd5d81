import { type Generator, type Tensor, ValueError } from "@downhill/core";
import { checkCount, fillNormal, fromHost, show } from "@downhill/core/engine";
import { generatorOf } from "../draw.js";
import { TensorDataset } from "../tensor-dataset.js";

/** What all synthetic data takes. */
export interface SyntheticOptions {
  /** Where the numbers come from; the default generator if left out. */
  readonly generator?: Generator;
}

/** What synthetic data with noise takes. */
export interface NoisyOptions extends SyntheticOptions {
  /** Standard deviation of what is added. */
  readonly noise?: number;
}

/** Inputs and targets: `const [X, y] = dataset.tensors`. */
export type Labelled = TensorDataset<[x: Tensor, y: Tensor]>;

/** Checks a number among options. */
export function checkNumber(where: string, name: string, value: unknown, least?: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= (least ?? -Infinity)) return value;
  const bound = least === undefined ? "a finite number" : `a number of ${least} or more`;
  throw new ValueError(`${where}: ${name} must be ${bound}, got ${show(value)}`);
}

/** Draws normal numbers. */
export function normals(count: number, generator: Generator): Float32Array {
  const values = new Float32Array(count);
  fillNormal(values, generator);
  return values;
}

/** Where point `i` lies before the noise, and its class. */
export type Placing = (i: number, uniform: () => number) => readonly [x: number, y: number, label: number];

/** Makes n points of the plane, shape [n, 2], with their classes, int32 of shape [n]. */
export function labelledPoints(
  where: string,
  n: number,
  options: NoisyOptions & { readonly noise: number },
  place: Placing,
): Labelled {
  checkCount(where, "n", n, 1);
  checkNumber(where, "noise", options.noise, 0);
  const generator = generatorOf(where, options.generator);
  const points = new Float32Array(2 * n);
  const labels = new Int32Array(n);
  const uniform = (): number => generator.random53();
  for (let i = 0; i < n; i++) [points[2 * i], points[2 * i + 1], labels[i]] = place(i, uniform);
  if (options.noise > 0) normals(2 * n, generator).forEach((value, i) => (points[i]! += options.noise * value));
  return new TensorDataset(fromHost(where, points, [n, 2], "float32"), fromHost(where, labels, [n], "int32"));
}
