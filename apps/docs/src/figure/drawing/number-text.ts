/** A number for people: four significant digits, powers of ten where zeros would crowd, a real minus sign. */
export function numberText(x: number): string {
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const plain = size === 0 || (size >= 1e-4 && size < 1e6);
  const text = plain ? String(Number(x.toPrecision(4))) : x.toExponential(2).replace("e+", "e");
  return text.replaceAll("-", "−");
}
