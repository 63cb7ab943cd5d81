import type { Double, Float, FloatCode, Int, Mask } from "../../kernel/maths/float-code.js";
import type { DoubleLanes } from "./double-lanes.js";

// π / 2 in two parts: the first has 25 digits, so that its products with n < 2^28 are exact.
const halfPiHigh = 1.5707963109016418;
const halfPiLow = 1.5893254773528196e-8;
// Adding 1.5 · 2^52 to a double rounds to a whole number, which its low bits then hold.
const rounding = 6755399441055744;

/** x = n π / 2 + r for 0 ≤ x < 2^28. */
export function quarters(doubles: DoubleLanes, argument: Float): { r: Double; n: Int } {
  const x = doubles.from(argument);
  const shifted = doubles.fma(x, doubles.constant(2 / Math.PI), doubles.constant(rounding));
  const n = doubles.sub(shifted, doubles.constant(rounding));
  const near = doubles.fma(n, doubles.constant(-halfPiHigh), x);
  return { r: doubles.fma(n, doubles.constant(-halfPiLow), near), n: doubles.lowBits(shifted) };
}

/** Where JavaScript's Math reduces by π / 2: rare, as neighbouring float32 are 32 apart there. */
export const isFar = (code: FloatCode, x: Float): Mask => code.lessOrEqual(code.constant(2 ** 28), code.abs(x));
