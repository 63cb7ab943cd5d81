import { type DType, isFloat, type TypedArray } from "../dtype.js";
import { indexOf, type Shape, text } from "../shape.js";

/** Allowed difference: atol · (largest expected magnitude) + rtol · |expected|. Integers and bools must be equal. */
export interface Closeness {
  readonly rtol: number;
  readonly atol: number;
}

/** What rounding in another order may change. */
export const rounding: Readonly<Record<DType, Closeness>> = {
  float16: { rtol: 4e-3, atol: 2e-3 },
  float32: { rtol: 1e-5, atol: 1e-6 },
  float64: { rtol: 1e-12, atol: 1e-13 },
  int32: { rtol: 0, atol: 0 },
  uint8: { rtol: 0, atol: 0 },
  bool: { rtol: 0, atol: 0 },
};

/** Tells where `actual` leaves `expected`, or undefined where it does not. NaN equals NaN, and -0 equals 0. */
export function farOff(
  actual: TypedArray,
  expected: TypedArray,
  shape: Shape,
  dtype: DType,
  close: Closeness = rounding[dtype],
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements instead of ${expected.length}`;
  let largest = 0;
  if (isFloat(dtype)) for (const x of expected) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e || (a !== a && e !== e)) continue;
    if (Number.isFinite(e) && Math.abs(a - e) <= close.atol * largest + close.rtol * Math.abs(e)) continue;
    return `${a} instead of ${e} at ${text(indexOf(i, shape))} of shape ${text(shape)}`;
  }
  return undefined;
}
