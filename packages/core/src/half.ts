const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/** The float16 nearest to a float32, halves to even: beyond 65504 infinite, below 2^-14 a multiple of 2^-24. */
export function toHalf(x: number): number {
  const size = (floats[0] = Math.abs(Math.fround(x)));
  if (!(size < 65520)) return x * Infinity; // of NaN, NaN
  // A double of this size has no digits after float16's last, so adding it rounds there.
  const rounder = 2 ** (Math.max(bits[0]! >> 23, 113) - 85);
  const rounded = size + rounder - rounder;
  return x < 0 || 1 / x < 0 ? -rounded : rounded;
}

/** Rounds elements where they are. A host array of float16 holds its numbers as float32, which they are too. */
export function roundToHalf(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) data[i] = toHalf(data[i]!);
}

/** The bits of numbers that are float16. */
export function packHalves(data: Float32Array): Uint16Array {
  const packed = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    floats[0] = data[i]!;
    const sign = (bits[0]! >>> 16) & 0x8000;
    const size = bits[0]! & 0x7fffffff;
    if (size >= 0x47800000) packed[i] = sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
    else packed[i] = sign | (size < 0x38800000 ? Math.abs(data[i]!) * 2 ** 24 : (size - 0x38000000) >> 13);
  }
  return packed;
}

/** The number that 16 bits stand for. */
function halfOf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** Writes the numbers that bits stand for into `out`. */
export function unpackHalves(packed: Uint16Array, out: Float32Array): void {
  const values = (halves ??= Float32Array.from({ length: 65536 }, (_, at) => halfOf(at)));
  for (let i = 0; i < out.length; i++) out[i] = values[packed[i]!]!;
}
