import { layer, type Layer } from "./mlp.ts";
import { values } from "./inputs.ts";

export const batchSize = 8;
export const tokens = 64;
export const width = 128;
export const heads = 4;
export const rate = 1e-4;

/**
 * A pre-norm block: x + project(attention(qkv(norm(x)))), then x + down(gelu(up(norm(x)))), with the exact GELU, no mask
 * and no dropout; both norms start as 1 and 0. `qkv` gives queries, keys and values side by side.
 */
export const block = (): { qkv: Layer; project: Layer; up: Layer; down: Layer } => ({
  qkv: layer(50, width, 3 * width),
  project: layer(52, width, width),
  up: layer(54, width, 4 * width),
  down: layer(56, 4 * width, width),
});

/** Inputs and targets [8, 64, 128]; the loss is their mean squared error. */
export const sequences = (): { inputs: Float32Array<ArrayBuffer>; targets: Float32Array<ArrayBuffer> } => ({
  inputs: values(60, batchSize * tokens * width),
  targets: values(61, batchSize * tokens * width),
});
