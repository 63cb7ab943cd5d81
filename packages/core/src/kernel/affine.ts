/** A run-time whole number (the Program's scalar at place `scalar`) times `stride`: how a slice's start moves a place. */
export interface Moving {
  readonly scalar: number;
  readonly stride: number;
}

/** A whole number that the loops determine: offset + Σ strides[i] · (loop i) + Σ moving. Counted in elements. */
export interface Affine {
  readonly offset: number;
  /** One per loop. */
  readonly strides: readonly number[];
  readonly moving: readonly Moving[];
}

const STILL: readonly Moving[] = [];

/** The same number wherever the loops stand. */
export const constant = (offset: number, loops: number): Affine => ({
  offset,
  strides: new Array<number>(loops).fill(0),
  moving: STILL,
});

/** The position of one loop. */
export const position = (loop: number, loops: number): Affine => ({
  offset: 0,
  strides: Array.from({ length: loops }, (_, i) => (i === loop ? 1 : 0)),
  moving: STILL,
});

/** a + factor · b */
export function addScaled(a: Affine, b: Affine, factor: number): Affine {
  const strides = a.strides.slice();
  for (let i = 0; i < strides.length; i++) strides[i]! += factor * b.strides[i]!;
  let { moving } = a;
  if (b.moving.length > 0) {
    const sums = moving.slice();
    for (const { scalar, stride } of b.moving) {
      const at = sums.findIndex((other) => other.scalar === scalar);
      if (at < 0) sums.push({ scalar, stride: factor * stride });
      else sums[at] = { scalar, stride: sums[at]!.stride + factor * stride };
    }
    moving = sums;
  }
  return { offset: a.offset + factor * b.offset, strides, moving };
}

/** offset + factor · a */
export const scaled = (a: Affine, factor: number, offset: number): Affine => ({
  offset: offset + factor * a.offset,
  strides: a.strides.map((stride) => stride * factor),
  moving: a.moving.map(({ scalar, stride }) => ({ scalar, stride: stride * factor })),
});

/** a + scalars[scalar] */
export const moved = (a: Affine, scalar: number): Affine =>
  addScaled(a, { offset: 0, strides: a.strides.map(() => 0), moving: [{ scalar, stride: 1 }] }, 1);

/** Whether two affine numbers are equal. */
export function sameAffine(a: Affine, b: Affine): boolean {
  if (a === b) return true;
  const { length } = a.strides;
  if (a.offset !== b.offset || b.strides.length !== length || a.moving.length !== b.moving.length) return false;
  for (let i = 0; i < length; i++) if (a.strides[i] !== b.strides[i]) return false;
  return a.moving.every(({ scalar, stride }, i) => b.moving[i]!.scalar === scalar && b.moving[i]!.stride === stride);
}

/** Two affine numbers that are equal have equal keys. */
export const affineKey = (a: Affine): string =>
  `${a.offset}|${a.strides.join()}${a.moving.map(({ scalar, stride }) => `|${scalar}*${stride}`).join("")}`;

/** Whether the number is the same wherever the loops stand. */
export const isConstant = (a: Affine): boolean => a.strides.every((stride) => stride === 0);
