import { values } from "./inputs.ts";

/** One million, as in the table. */
export const million = 1_000_000;

const b: number = Math.sqrt(2 / Math.PI);
/**
 * GELU's tanh form in eight ops: x·x, ·a, +b, ·x, tanh, +1, ·x, ·½ with b = √(2/π) and a = 0.044715·b. The same function as
 * x/2·(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and Gimpel, arXiv:1606.08415).
 */
export const gelu: { readonly a: number; readonly b: number } = { a: 0.044715 * b, b };

export const geluInput = (): Float32Array<ArrayBuffer> => values(70, million, 4);
export const addends = (): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => [
  values(71, million),
  values(72, million),
];
export const factors = (size: number): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => [
  values(73, size * size),
  values(74, size * size),
];

/** Rows of the data set, values of a row, rows of a batch. */
export const gather = { rows: 60_000, columns: 784, batch: 64 } as const;
export const dataset = (): Float32Array<ArrayBuffer> => values(75, gather.rows * gather.columns);

/** Some of an array's values, and the mean of their absolute values: what the contestants agree on. */
export function sample(array: ArrayLike<number>): number[] {
  const places = Array.from({ length: 8 }, (_, i) => Math.floor(((i + 0.5) * array.length) / 8));
  const picked = places.map((place) => array[place]!);
  return [...picked, picked.reduce((sum, x) => sum + Math.abs(x), 0) / 8];
}

/** The Program that `compile-30` compiles: y = tanh(y·x), fifteen times. */
export const chain = { repeats: 15, length: 64 } as const;
export const chainInput = (): Float32Array<ArrayBuffer> => values(76, chain.length);
