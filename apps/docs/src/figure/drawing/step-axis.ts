import type { Axis } from "./plot.js";

/** An axis of steps with room for the one shown, which grows by leaps. */
export function stepAxis(at: number, label = "step"): Axis {
  const to = [20, 50, 100, 200, 300, 600].find((steps) => at < 0.96 * steps) ?? 1000;
  return { from: 0, to, label };
}
