import { layer, type Layer } from "./mlp.ts";
import { labels, values } from "./inputs.ts";

export const batchSize = 64;
export const side = 28;

/** A convolution: weight [outputs, inputs, 3, 3], bias [outputs]. */
export interface Filters {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

function filters(seed: number, inputs: number, outputs: number): Filters {
  const scale = 1 / Math.sqrt(9 * inputs);
  return {
    inputs,
    outputs,
    weight: values(seed, outputs * inputs * 9, scale),
    bias: values(seed + 1, outputs, scale),
  };
}

/** convolution 1-16, relu, pool, convolution 16-32, relu, pool, linear 32·7·7-10. */
export const network = (): { first: Filters; second: Filters; last: Layer } => ({
  first: filters(30, 1, 16),
  second: filters(32, 16, 32),
  last: layer(34, 32 * 7 * 7, 10),
});

/** Images [64, 1, 28, 28] and classes [64]. */
export const images = (): { pixels: Float32Array<ArrayBuffer>; classes: Int32Array<ArrayBuffer> } => ({
  pixels: values(40, batchSize * side * side),
  classes: labels(41, batchSize, 10),
});
