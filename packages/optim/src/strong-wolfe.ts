/** A place along a line: how far along, the loss there, its gradient, and its slope along the line. */
export interface LinePoint<G> {
  readonly t: number;
  readonly loss: number;
  readonly grad: G;
  readonly slope: number;
}

/** How much of the slope's promise the loss has to keep, and how flat the line has to be. */
const [C1, C2] = [1e-4, 0.9];
const MOST_EVALUATIONS = 25;

/** Where the cubic through two points with their slopes is least, between bounds. */
function leastOfCubic<G>(p: LinePoint<G>, q: LinePoint<G>, least: number, greatest: number): number {
  const [low, high] = p.t <= q.t ? [p, q] : [q, p];
  const a = p.slope + q.slope - (3 * (p.loss - q.loss)) / (p.t - q.t);
  const square = a * a - p.slope * q.slope;
  if (!(square >= 0)) return (least + greatest) / 2;
  const b = Math.sqrt(square);
  const t = high.t - (high.t - low.t) * ((high.slope + b - a) / (high.slope - low.slope + 2 * b));
  return Math.min(Math.max(t, least), greatest);
}

/**
 * Finds a step along a line that fulfils the strong Wolfe conditions: the loss falls by a share of what the slope
 * promises, and the slope there is flat. Brackets such a step, and narrows the bracket by cubic interpolation.
 * After Nocedal and Wright, "Numerical optimization", 2006, section 3.5, with the safeguards of minFunc and PyTorch.
 *
 * @param start Where the line begins: t is 0, the slope below 0.
 * @param first The step to try first.
 * @param length The direction's greatest element: a bracket that moves no element by `tolerance` is narrow enough.
 */
export async function strongWolfe<G>(
  evaluate: (t: number) => Promise<LinePoint<G>>,
  start: LinePoint<G>,
  first: number,
  length: number,
  tolerance: number,
): Promise<{ readonly point: LinePoint<G>; readonly evaluations: number }> {
  const tooHigh = ({ loss, t }: LinePoint<G>): boolean => loss > start.loss + C1 * t * start.slope;
  const isFlat = ({ slope }: LinePoint<G>): boolean => Math.abs(slope) <= -C2 * start.slope;

  let before = start;
  let now = await evaluate(first);
  let turns = 0;
  while (turns < MOST_EVALUATIONS) {
    if (tooHigh(now) || (turns > 1 && now.loss >= before.loss)) break;
    if (isFlat(now)) return { point: now, evaluations: turns + 1 };
    if (now.slope >= 0) break;
    const t = leastOfCubic(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10);
    before = now;
    now = await evaluate(t);
    turns++;
  }
  if (turns === MOST_EVALUATIONS) before = start;

  let [low, high] = before.loss <= now.loss ? [before, now] : [now, before];
  let stuck: boolean = false;
  while (turns < MOST_EVALUATIONS && Math.abs(high.t - low.t) * length >= tolerance) {
    const [least, greatest] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    let t = leastOfCubic(low, high, least, greatest);
    const margin = 0.1 * (greatest - least);
    const isNear = Math.min(greatest - t, t - least) < margin;
    // Twice near an end, or at it: a tenth of the bracket away from it.
    const moves: boolean = isNear && (stuck || t >= greatest || t <= least);
    stuck = isNear && !moves;
    if (moves) t = Math.abs(t - greatest) < Math.abs(t - least) ? greatest - margin : least + margin;

    now = await evaluate(t);
    turns++;
    if (tooHigh(now) || now.loss >= low.loss) {
      [low, high] = now.loss < low.loss ? [now, low] : [low, now];
    } else {
      if (isFlat(now)) return { point: now, evaluations: turns + 1 };
      if (now.slope * (high.t - low.t) >= 0) high = low;
      low = now;
    }
  }
  return { point: low, evaluations: turns + 1 };
}
