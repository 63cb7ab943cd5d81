import { type Affine, isConstant } from "./affine.js";

/** A loop that must be cut in two, the inner one with `inner` turns, before a number can be taken apart. */
export interface Cut {
  readonly loop: number;
  readonly inner: number;
}

/**
 * Takes `number` = q · size + r with 0 ≤ r < size apart into [q, r], both affine; a Cut where one loop's positions go
 * into both; null where it is not possible at all. `sizes` are the loops'.
 */
export function takeApart(number: Affine, size: number, sizes: readonly number[]): [Affine, Affine] | Cut | null {
  const zeros = number.strides.map(() => 0);
  const nothing: Affine = { offset: 0, strides: zeros, moving: [] };
  if (size === 1) return [number, nothing];
  if (size === 0) return [nothing, nothing]; // of no elements, any place will do
  const high = zeros.slice();
  const low = zeros.slice();
  const start = ((number.offset % size) + size) % size;
  let last = start;
  let first = start;
  for (let i = 0; i < sizes.length; i++) {
    const stride = number.strides[i]!;
    if (stride === 0) continue;
    if (stride % size === 0) high[i] = stride / size;
    else {
      low[i] = stride;
      const reach = stride * (sizes[i]! - 1);
      if (reach > 0) last += reach;
      else first += reach;
    }
  }
  if (first < 0 || last >= size) {
    for (let i = 0; i < sizes.length; i++) {
      const stride = low[i]!;
      const inner = size / stride;
      if (stride > 0 && size % stride === 0 && sizes[i]! > inner && sizes[i]! % inner === 0) return { loop: i, inner };
    }
    return null;
  }
  if (number.moving.some(({ stride }) => stride % size !== 0)) return null;
  return [
    {
      offset: (number.offset - start) / size,
      strides: high,
      moving: number.moving.map(({ scalar, stride }) => ({ scalar, stride: stride / size })),
    },
    { offset: start, strides: low, moving: [] },
  ];
}

/** Cuts a loop in two in an affine number: the outer part keeps the loop's place, the inner one follows it. */
export function withCut(number: Affine, { loop, inner }: Cut): Affine {
  if (isConstant(number)) return { ...number, strides: [0, ...number.strides] };
  const stride = number.strides[loop]!;
  return { ...number, strides: number.strides.toSpliced(loop, 1, stride * inner, stride) };
}
