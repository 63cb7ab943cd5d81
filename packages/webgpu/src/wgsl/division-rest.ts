import type { Writer } from "./writer.js";

// Long division of the mantissas, 8 digits at a time.
const text = (nan: string): string => `fn rest_of(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) { return ${nan}; }
  if (a < b) { return x; }
  let exponent = max(b >> 23u, 1u);
  let divisor = select(b & 0x7fffffu, (b & 0x7fffffu) | 0x800000u, b > 0x7fffffu);
  var rest = select(a & 0x7fffffu, (a & 0x7fffffu) | 0x800000u, a > 0x7fffffu) % divisor;
  for (var digits = max(a >> 23u, 1u) - exponent; digits > 0u;) {
    let now = min(digits, 8u);
    rest = (rest << now) % divisor;
    digits -= now;
  }
  let shift = countLeadingZeros(rest) - 8u;
  let normal = ((rest << shift) & 0x7fffffu) | ((exponent - shift) << 23u);
  let size = select(select(rest << (exponent - 1u), normal, exponent > shift), 0u, rest == 0u);
  return bitcast<f32>(size | (bitcast<u32>(x) & 0x80000000u));
}`;

/** The function that gives what a division of floats leaves, with the dividend's sign: exact, of subnormal numbers too. */
export const divisionRest = (writer: Writer): string => writer.use("rest_of", text(writer.number(NaN, "float32")));
