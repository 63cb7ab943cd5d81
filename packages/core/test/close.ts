import type { DType } from "@downhill/core";
import type { Tolerance, Value } from "./op-fixture.js";

const defaults: Record<DType, Tolerance> = {
  float16: { ulp: 1 },
  float32: { ulp: 4 },
  float64: { rtol: 1e-12 },
  int32: {},
  uint8: {},
  bool: {},
};

/** The distance of neighbouring floats at `value`: float16 has 10 bits after the point, float32 23, float64 52. */
function spacing(value: number, dtype: DType): number {
  const [bits, least] = dtype === "float16" ? [10, -14] : dtype === "float32" ? [23, -126] : [52, -1022];
  if (value === 0) return 2 ** (least - bits);
  // log2 may round up just below a power of two: step back.
  let exponent = Math.floor(Math.log2(Math.abs(value)));
  if (2 ** exponent > Math.abs(value)) exponent -= 1;
  return 2 ** (Math.max(exponent, least) - bits);
}

/** Tells where `actual` leaves `expected`, or undefined when all values agree. NaN equals NaN. */
export function difference(
  actual: ArrayLike<number>,
  expected: readonly Value[],
  dtype: DType,
  { tol, signOfZero }: { tol?: Tolerance | undefined; signOfZero: boolean },
): string | undefined {
  if (actual.length !== expected.length) return `${String(actual.length)} values instead of ${String(expected.length)}`;
  const { ulp = 0, rtol = 0, atol = 0 } = { ...defaults[dtype], ...tol };
  for (let i = 0; i < expected.length; i++) {
    const a = Number(actual[i]);
    const e = Number(expected[i]);
    if (Object.is(a, e) || (a === e && !signOfZero)) continue;
    const unit = spacing(e, dtype);
    const allowed = atol + Math.max(ulp * unit, rtol * Math.abs(e));
    if (a !== e && Number.isFinite(e) && Math.abs(a - e) <= allowed) continue;
    const off =
      Number.isFinite(e) && Number.isFinite(a) && a !== e
        ? `, ${String(Math.abs(a - e) / unit)} units in the last place off`
        : "";
    const show = (v: number): string => (Object.is(v, -0) ? "-0" : String(v));
    return `at ${String(i)}: ${show(a)} instead of ${show(e)}${off}\n  actual   ${Array.from(actual).map(show).join(" ")}\n  expected ${expected.map((v) => show(Number(v))).join(" ")}`;
  }
  return undefined;
}
