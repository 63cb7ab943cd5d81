/** L = (w·x + b)² · w, for one x. How fast does it grow with w, and with b? */
export function gradient(w: number, b: number, x: number): [number, number] {
  const s = w * x + b;
  const alongW = 2 * s * x * w;
  const alongB = 2 * s;
  return [alongW, alongB];
}
