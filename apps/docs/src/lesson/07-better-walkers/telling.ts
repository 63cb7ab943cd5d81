import { numberText } from "../../figure/drawing/number-text.js";
import type { Point } from "../../figure/figure-definition.js";
import type { Field, View } from "./lane.js";

const lost = (height: number): boolean => !(height < 1e9);
const high = (height: number): string => (height < 1e-10 ? "at the bottom" : `${numberText(height)} high`);

/** Who is where, in a sentence or two: of the one that is followed, or of the lowest and the highest. */
export function tell(states: readonly Field[], at: number, { follow }: View): string {
  const { walkers } = states[at]!;
  const followed = walkers[follow];
  if (followed !== undefined) {
    const { place, height } = followed;
    if (lost(height)) return `${follow} was thrown out.`;
    const before = states[at - 1]?.walkers[follow];
    const length = before === undefined ? "" : `, after a step of ${numberText(distance(before.place, place))}`;
    return `${follow} stands at (${place.map(numberText).join(", ")}), ${high(height)}${length}.`;
  }
  const all = Object.entries(walkers);
  const there = all.filter(([, { height }]) => !lost(height)).sort(([, a], [, b]) => a.height - b.height);
  const gone = all.filter(([, { height }]) => lost(height)).map(([name]) => name);
  const [lowest, highest] = [there[0], there.at(-1)];
  if (at === 0) return `All stand at the same place, ${high(all[0]![1].height)}.`;
  if (lowest === undefined || highest === undefined) return "All were thrown out.";
  const thrown = gone.length === 0 ? "" : ` Thrown out: ${gone.join(", ")}.`;
  return `${lowest[0]} is lowest, ${high(lowest[1].height)}; ${highest[0]} is highest, ${high(highest[1].height)}.${thrown}`;
}

const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(ax - bx, ay - by);
