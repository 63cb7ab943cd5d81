import { type DType, integerRange, type TypedArray } from "../dtype.js";
import { ValueError, show } from "../errors.js";
import type { Generator } from "./generator.js";

/** Beyond it, doubles leave integers out. */
const most = Number.MAX_SAFE_INTEGER;

/**
 * Fills `out`, which stores `dtype`, with integers from [low, high), as torch.randint: a draw modulo the size of the range.
 * The draw has 32 bits, or 64 where the range holds 2³² integers or more.
 */
export function fillRandint(out: TypedArray, generator: Generator, dtype: DType, low: number, high: number): void {
  for (const [name, value] of [
    ["low", low],
    ["high", high],
  ] as const) {
    if (!Number.isSafeInteger(value)) throw new ValueError(`randint: ${name} must be an integer, got ${show(value)}`);
  }
  if (low >= high) {
    throw new ValueError(
      `randint: low must be less than high, got low ${low} and high ${high}`,
      "high itself is never drawn",
    );
  }
  const [min, max] = dtype === "bool" ? [0, 1] : (integerRange[dtype] ?? [-most, most]);
  if (low < min || high - 1 > max) {
    throw new ValueError(`randint: [${low}, ${high}) does not fit ${dtype}, which goes from ${min} to ${max}`);
  }
  if (dtype === "float32") [low, high] = withinFloat32(low, high);
  const range = high - low;
  if (range >= 2 ** 32) {
    const wide = BigInt(high) - BigInt(low);
    for (let i = 0; i < out.length; i++) out[i] = Number((generator.random64() % wide) + BigInt(low));
    return;
  }
  for (let i = 0; i < out.length; i++) out[i] = (generator.random32() % range) + low;
}

/** Moves bounds beyond 2²⁴ to where rounding to float32 leads neither below low nor to high. */
function withinFloat32(low: number, high: number): [low: number, high: number] {
  const ulp = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 23);
  const next = Math.fround(low + 1);
  const last = Math.fround(high - 1);
  const from = next < low ? next + ulp(low + 1) : low;
  const to = last >= high ? last - ulp(high - 1) : high;
  if (from < to) return [from, to];
  throw new ValueError(
    `randint: no float32 lies in [${low}, ${high})`,
    "use float64, which holds every integer to 2^53",
  );
}
