import { labels, values } from "./inputs.ts";
import type { GpuWorkName } from "./names.ts";

export type MLPName = "mlp-64-sgd" | "mlp-64-adam" | "mlp-512-sgd" | GpuWorkName;

/** How one of the MLP rows is trained. */
export interface MLPSettings {
  readonly batch: number;
  readonly optimizer: "sgd" | "adam";
  /** Steps after each of which the loss is awaited. Default: only the last of a turn is. */
  readonly readEvery?: number;
}

export const settings: Readonly<Record<MLPName, MLPSettings>> = {
  "mlp-64-sgd": { batch: 64, optimizer: "sgd" },
  "mlp-64-adam": { batch: 64, optimizer: "adam" },
  "mlp-512-sgd": { batch: 512, optimizer: "sgd" },
  "mlp-64-read-10": { batch: 64, optimizer: "sgd", readEvery: 10 },
  "mlp-64-read-1": { batch: 64, optimizer: "sgd", readEvery: 1 },
};

export const sizes = [784, 256, 128, 10] as const;
/** Of SGD with momentum 0.9, and of Adam with its defaults. Low, so that thousands of steps on one batch stay training. */
export const rates = { sgd: 1e-3, adam: 1e-4 } as const;
export const momentum = 0.9;
export const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const;

/** A linear layer: weight [outputs, inputs] as in PyTorch, bias [outputs]. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

export function layer(seed: number, inputs: number, outputs: number): Layer {
  const scale = 1 / Math.sqrt(inputs);
  return {
    inputs,
    outputs,
    weight: values(seed, inputs * outputs, scale),
    bias: values(seed + 1, outputs, scale),
  };
}

export const layers = (): Layer[] => [layer(10, 784, 256), layer(12, 256, 128), layer(14, 128, 10)];

/** Pixels [count, 784] and classes [count]. */
export function batch(count: number): { pixels: Float32Array<ArrayBuffer>; classes: Int32Array<ArrayBuffer> } {
  return { pixels: values(20, count * 784), classes: labels(21, count, 10) };
}

/** A row-major matrix [rows, columns] transposed. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j]!;
  return out;
}
