import { ValueError } from "@downhill/core";
import { checkCount, checkOptions, fillUniform, fromHost, show } from "@downhill/core/engine";
import { generatorOf } from "../draw.js";
import { TensorDataset } from "../tensor-dataset.js";
import { checkNumber, type Labelled, normals, type NoisyOptions } from "./labelled-points.js";

/** The options of `synthetic.linear`. */
export interface LinearOptions extends NoisyOptions {
  /** What each feature is multiplied by; their number is that of the features. Default: [2]. */
  readonly weights?: readonly number[];
  /** What is added. Default: 3. */
  readonly bias?: number;
  /** Where the features lie. Default: [0, 10]. */
  readonly range?: readonly [low: number, high: number];
}

/**
 * Makes points on a line (a plane), with noise: y = X · weights + bias + noise · normal. X has shape [n, features], y has
 * shape [n, 1]. Default noise: 1.
 *
 * @example
 * const [X, y] = synthetic.linear(100, { weights: [2], bias: 3 }).tensors; // shapes [100, 1] and [100, 1]
 */
export function linear(n: number, options: LinearOptions = {}): Labelled {
  checkOptions("linear", options, ["weights", "bias", "range", "noise", "generator"]);
  checkCount("linear", "n", n, 1);
  const { weights = [2], bias = 3, range = [0, 10], noise = 1 } = options;
  const given: unknown = weights;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ValueError(`linear: weights must be an array of numbers, one or more, got ${show(weights)}`);
  }
  weights.forEach((weight, i) => checkNumber("linear", `weights[${i}]`, weight));
  checkNumber("linear", "bias", bias);
  checkNumber("linear", "noise", noise, 0);
  const generator = generatorOf("linear", options.generator);
  const features = weights.length;
  const X = new Float32Array(n * features);
  fillUniform(X, generator, range[0], range[1]);
  const y = normals(n, generator).map((value, i) =>
    weights.reduce((sum, weight, k) => sum + weight * X[i * features + k]!, bias + noise * value),
  );
  return new TensorDataset(fromHost("linear", X, [n, features], "float32"), fromHost("linear", y, [n, 1], "float32"));
}
