/** How fast (x - 1)² + 100 (y - x²)² rises along x, and along y. */
export function slope(x: number, y: number): [number, number] {
  const alongX = 2 * (x - 1);
  const alongY = 2 * y;
  return [alongX, alongY];
}
