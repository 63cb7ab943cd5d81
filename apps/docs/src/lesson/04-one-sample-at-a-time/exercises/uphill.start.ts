/**
 * How many samples point uphill at the line (w, b): a step against such a sample's own gradient makes the average loss
 * rise, if it is small. A gradient is a list: the slopes of (y - (w x + b))² along w and along b.
 */
export function uphill(w: number, b: number, xs: number[], ys: number[]): number {
  const gradients = xs.map((x, i) => {
    const error = ys[i]! - (w * x + b);
    return [-2 * x * error, -2 * error] as const;
  });
  return gradients.filter(([alongW]) => alongW < 0).length;
}
