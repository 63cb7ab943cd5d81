/** The gradient of the average of (y - (w x + b))² over all examples: along w, and along b. */
export function gradient(w: number, b: number, xs: number[], ys: number[]): [number, number] {
  let alongW = 0;
  let alongB = 0;
  for (const [i, x] of xs.entries()) {
    const residual = ys[i]! - (w * x + b);
    alongW += 2 * x * residual;
    alongB += 2 * residual;
  }
  return [alongW, alongB];
}
