import { checkCount, checkOptions, fromHost } from "@downhill/core/engine";
import { generatorOf } from "../draw.js";
import { TensorDataset } from "../tensor-dataset.js";
import { checkNumber, type Labelled, normals, type NoisyOptions } from "./labelled-points.js";

/** The options of `synthetic.sines`. */
export interface SinesOptions extends NoisyOptions {
  /** Steps of a wave. Default: 32. */
  readonly length?: number;
}

/**
 * Makes waves to predict: amplitude · sin(2π (frequency · t / length + phase)), with amplitudes in [½, 1] and one to four
 * periods. X holds steps 0 … length - 1, y the step after each, both of shape [n, length, 1]. Default noise: 0.02.
 *
 * @example
 * const [X, y] = synthetic.sines(64, { length: 20 }).tensors; // shapes [64, 20, 1] and [64, 20, 1]
 */
export function sines(n: number, options: SinesOptions = {}): Labelled {
  checkOptions("sines", options, ["length", "noise", "generator"]);
  const { length = 32, noise = 0.02 } = options;
  checkCount("sines", "n", n, 1);
  checkCount("sines", "length", length, 1);
  checkNumber("sines", "noise", noise, 0);
  const generator = generatorOf("sines", options.generator);
  const [X, y] = [new Float32Array(n * length), new Float32Array(n * length)];
  const wave = new Float32Array(length + 1);
  for (let i = 0; i < n; i++) {
    const amplitude = 0.5 + 0.5 * generator.random53();
    const frequency = 1 + 3 * generator.random53();
    const phase = generator.random53();
    const added = normals(length + 1, generator);
    for (let t = 0; t <= length; t++) {
      wave[t] = amplitude * Math.sin(2 * Math.PI * ((frequency * t) / length + phase)) + noise * added[t]!;
    }
    X.set(wave.subarray(0, length), i * length);
    y.set(wave.subarray(1), i * length);
  }
  const shape = [n, length, 1];
  return new TensorDataset(fromHost("sines", X, shape, "float32"), fromHost("sines", y, shape, "float32"));
}
