/** Writes a float as Python does, which PyTorch's printing of modules shows: 1.0, 0.01, 1e-05. */
export function printFloat(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const [digits, power] = x.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  // Python turns to exponents at 1e16 and below 1e-4, and gives them two digits.
  if (x !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = Object.is(x, -0) ? "-0" : String(x);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** Writes sizes as Python writes a tuple: (3,), (2, 3). */
export const printSizes = (sizes: readonly (number | null)[]): string =>
  sizes.length === 1 ? `(${String(sizes[0])},)` : `(${sizes.map(String).join(", ")})`;

/** Writes what is one number or several as Python prints it: a number, or a tuple. */
export const printExtent = (extent: number | null | readonly (number | null)[]): string =>
  typeof extent === "object" && extent !== null ? printSizes(extent) : String(extent);
