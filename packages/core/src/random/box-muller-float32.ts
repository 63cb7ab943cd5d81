import { fma32 } from "./exact-arithmetic.js";

/**
 * PyTorch's float32 normals, bit for bit: its x86 kernel transforms blocks of 16 uniforms with the Cephes polynomials for
 * log, sin and cos, in float32 with fused multiply-adds. A product of two float32 is exact in float64, so `f(a * b + c)`
 * is such a fused step but for a rounding in the middle, which changes no result here (all 2²⁴ inputs were compared).
 */
const f = Math.fround;

// Cephes logf on [√½, √2): log(1 + x) = x - x²/2 + x³ P(x), and ln 2 in two parts.
const SQRT_HALF = f(Math.SQRT1_2);
const L0 = f(7.0376836292e-2);
const L1 = f(-1.151461031e-1);
const L2 = f(1.167699874e-1);
const L3 = f(-1.2420140846e-1);
const L4 = f(1.4249322787e-1);
const L5 = f(-1.6668057665e-1);
const L6 = f(2.0000714765e-1);
const L7 = f(-2.4999993993e-1);
const L8 = f(3.3333331174e-1);
const LN2_LOW = f(-2.1219444e-4);
const LN2_HIGH = f(0.693359375);

// Cephes sinf and cosf on [-π/4, π/4], and -π/4 in three parts.
const TWO_PI = f(2 * Math.PI);
const FOUR_OVER_PI = f(1.27323954473516);
const P1 = f(-0.78515625);
const P2 = f(-2.4187564849853516e-4);
const P3 = f(-3.774894977445941e-8);
const S0 = f(-1.9515295891e-4);
const S1 = f(8.3321608736e-3);
const S2 = f(-1.6666654611e-1);
const C0 = f(2.443315711809948e-5);
const C1 = f(-1.388731625493765e-3);
const C2 = f(4.166664568298827e-2);

/** √(-2 log(n / 2²⁴)) for an integer n from 1 to 2²⁴. */
export function radius(n: number): number {
  const shift = Math.clz32(n);
  let e = 8 - shift;
  let x = ((n << shift) >>> 0) * 2 ** -32; // n / 2²⁴ = x 2ᵉ with x in [½, 1)
  if (x < SQRT_HALF) {
    e--;
    x = f(x + f(x - 1));
  } else x = f(x - 1);
  const z = f(x * x);
  let y = f(L0 * x + L1);
  y = f(y * x + L2);
  y = f(y * x + L3);
  y = f(y * x + L4);
  y = f(y * x + L5);
  y = f(y * x + L6);
  y = f(y * x + L7);
  y = f(y * x + L8);
  y = f(f(y * x) * z + f(e * LN2_LOW));
  y = f(y - z * 0.5);
  x = f(x + y);
  return f(Math.sqrt(f(f(e * LN2_HIGH + x) * -2)));
}

/** Turns the 16 uniforms from `start` on into normals: value j and value j + 8 make the pair that takes their places. */
export function boxMuller16(data: Float32Array, start: number, mean: number, std: number): void {
  const standard = mean === 0 && std === 1;
  for (let j = start; j < start + 8; j++) {
    const r = radius((1 - data[j]!) * 0x1000000);
    const theta = f(TWO_PI * data[j + 8]!);
    const octant = (Math.trunc(f(theta * FOUR_OVER_PI)) + 1) & ~1;
    let x = f(octant * P1 + theta);
    x = f(octant * P2 + x);
    x = f(octant * P3 + x);
    const z = f(x * x);
    let c = f(C0 * z + C1);
    c = f(c * z + C2);
    c = f(f(c * z) * z - f(z * 0.5));
    c = f(c + 1);
    let s = f(S0 * z + S1);
    s = f(s * z + S2);
    s = f(f(s * z) * x + x);
    // An odd quarter turn swaps the two; the signs follow the half turn.
    const swap = (octant & 2) !== 0;
    const sin = (octant & 4) === 0 ? (swap ? c : s) : swap ? -c : -s;
    const cos = ((octant - 2) & 4) !== 0 ? (swap ? s : c) : swap ? -s : -c;
    const n1 = f(r * cos);
    const n2 = f(r * sin);
    data[j] = standard ? n1 + 0 : fma32(n1, std, mean); // + 0 as in the sum with the mean: no -0
    data[j + 8] = standard ? n2 + 0 : fma32(n2, std, mean);
  }
}
