import type { TypedArray } from "@downhill/core";

/**
 * Makes the rows of a matrix orthonormal, or its columns where there are more rows: the Q of its QR decomposition whose R
 * has a positive diagonal. Gram and Schmidt in float64, twice, as once is not enough for columns that are nearly parallel.
 */
export function orthogonalize(data: TypedArray, rows: number, columns: number): Float64Array {
  const wide = rows < columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const [step, next] = wide ? [columns, 1] : [1, columns];
  const q = Float64Array.from(data);
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += q[i * step + k * next]! * q[j * step + k * next]!;
    return sum;
  };
  for (let i = 0; i < count; i++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const part = dot(i, j);
        for (let k = 0; k < length; k++) q[i * step + k * next]! -= part * q[j * step + k * next]!;
      }
    }
    const norm = Math.sqrt(dot(i, i));
    for (let k = 0; k < length; k++) q[i * step + k * next]! /= norm;
  }
  return q;
}
