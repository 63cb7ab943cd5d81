/** `value` with `digits` decimals, as C and Python write `%.4f`: an exact tie goes to the even digit (toFixed rounds it up). */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (isNegative(value)) return `-${fixed(-value, digits)}`;
  // From 1e21 on toFixed turns to exponents; every double there is an integer.
  if (value >= 1e21) return digits > 0 ? `${BigInt(value)}.${"0".repeat(digits)}` : `${BigInt(value)}`;
  return halfEven(value, value.toFixed(digits), value.toFixed(digits + 1), digits + 1);
}

/** `value` in scientific notation with `digits` decimals, as Python's `%.4e`: ties to even, two digits of exponent or more. */
export function exponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (isNegative(value)) return `-${exponential(-value, digits)}`;
  const [up = "", exponent = ""] = value.toExponential(digits).split("e");
  const [longer = "", power = ""] = value.toExponential(digits + 1).split("e");
  // A tie that rounds up to the next power of ten (9.5 to 1e+1) comes out of the odd 9, so `up` and its exponent stand.
  const mantissa = halfEven(value, up, longer, digits + 1 - Number(power));
  return `${mantissa}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
}

const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0);

function nonFinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Picks between `up`, which JavaScript rounded, and `longer` (one digit more) cut short, where `value` lies halfway. */
function halfEven(value: number, up: string, longer: string, decimals: number): string {
  if (!longer.endsWith("5") || !endsWithin(value, decimals)) return up;
  const cut = longer.slice(0, -1).replace(/\.$/, "");
  return Number(cut.at(-1)) % 2 === 0 ? cut : up;
}

/** Whether the exact decimal expansion of `value` ends at that many decimals (before the point, if negative). */
function endsWithin(value: number, decimals: number): boolean {
  // A double is m / 2^k, and m / 2^k = m 5^k / 10^k has k decimals.
  if (decimals >= 0) return Number.isInteger(value * 2 ** decimals);
  return Number.isInteger(value) && BigInt(value) % 10n ** BigInt(-decimals) === 0n;
}
