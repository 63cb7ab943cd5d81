/** One step of SGD with momentum: from a weight, its gradient, and the momentum so far (0 before the first step). */
export function step(w: number, gradient: number, momentum: number): { w: number; momentum: number } {
  const rate = 0.1;
  const kept = 0.9;
  const next = kept * momentum + (1 - kept) * gradient;
  return { w: w - rate * next, momentum: next };
}
