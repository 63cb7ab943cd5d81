import { orderedSum } from "./double-floats.js";
import { highProduct } from "./wide-product.js";
import type { Writer } from "./writer.js";

// The digits of 2 / π, after 32 zeros.
const digits = "0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu";

// Payne and Hanek, "Radian Reduction for Trigonometric Functions", SIGNUM 1983: of x 2 / π = n + fraction, only n modulo 4
// counts. The digits of 2 / π that make multiples of 4 are left out, and 96 others give 94 of the fraction.
const text = (nan: string): string => `struct Quarters { r: vec2<f32>, n: i32 }
fn quarters(x: f32) -> Quarters {
  const inverse = array<u32, 8>(${digits});
  let bits = bitcast<u32>(x);
  if (bits <= 0x3f490fdau) { return Quarters(vec2(x, 0.0), 0); }
  if (bits >= 0x7f800000u) { return Quarters(vec2(${nan}), 0); }
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let skip = (bits >> 23u) - 120u;
  let word = skip >> 5u;
  let left = skip & 31u;
  let right = 32u - left;
  var w = array<u32, 3>();
  for (var i = 0u; i < 3u; i++) {
    w[i] = select((inverse[word + i] << left) | (inverse[word + i + 1u] >> (right & 31u)), inverse[word + i], left == 0u);
  }
  let middle = mantissa * w[1];
  let carried = middle + mul_high(mantissa, w[2]);
  let top = mantissa * w[0] + mul_high(mantissa, w[1]) + select(0u, 1u, carried < middle);
  let negative = (top & 0x20000000u) != 0u;
  let flip = select(0u, 0xffffffffu, negative);
  // The fraction from -1/2 to 1/2, its size in 30 + 32 + 32 digits.
  var f = vec3<u32>((top ^ flip) & 0x3fffffffu, carried ^ flip, (mantissa * w[2]) ^ flip);
  var exponent = 3;
  if (f.x == 0u) {
    f = vec3<u32>(f.y, f.z, 0u);
    exponent -= 32;
  }
  let up = countLeadingZeros(f.x);
  exponent -= i32(up);
  let down = 32u - up;
  let high = (f.x << up) | select(0u, f.y >> (down & 31u), up > 0u);
  let low = (f.y << up) | select(0u, f.z >> (down & 31u), up > 0u);
  // Times π / 4, of which the exponent makes π / 2.
  let a = high * 0xc90fdaa2u;
  let b = a + mul_high(high, 0x2168c234u);
  let c = b + mul_high(low, 0xc90fdaa2u);
  let size = mul_high(high, 0xc90fdaa2u) + select(0u, 1u, b < a) + select(0u, 1u, c < b);
  let unit = select(1.0, -1.0, negative) * bitcast<f32>((exponent + 103) << 23u);
  let rest = f32(((size & 0xffu) << 24u) | (c >> 8u)) * 2.3283064365386963e-10;
  return Quarters(ordered_sum(f32(size >> 8u) * unit, rest * unit), i32((top + 0x20000000u) >> 30u));
}`;

/** The function that takes multiples n of π / 2 off x ≥ 0, for every x: what is left as two floats. */
export function quarters(writer: Writer): string {
  highProduct(writer);
  orderedSum(writer);
  return writer.use("quarters", text(writer.number(NaN, "float32")));
}
