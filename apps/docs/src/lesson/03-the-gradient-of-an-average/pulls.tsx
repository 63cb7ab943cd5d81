import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Arrow, Dot, Rays, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import { reach } from "../../figure/drawing/reach.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

/** The arrows alone, from close up: against each example's gradient, and against their mean. */
export function Pulls({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { gradients } = states[at]!;
  const pulls = gradients.map(([w, b]): Point => [-w, -b]);
  const mean = [0, 1].map((i) => pulls.reduce((sum, pull) => sum + pull[i]!, 0) / pulls.length) as unknown as Point;
  const [reachX, reachY] = [0, 1].map((i) => reach(pulls.map((pull) => pull[i]!))) as [number, number];
  return (
    <Plot
      title="Where each example pulls, and their mean"
      x={{ from: -reachX, to: reachX, label: "pull along w", ticks: 4 }}
      y={{ from: -reachY, to: reachY, label: "pull along b", ticks: 4 }}
    >
      <Segment from={[-reachX, 0]} to={[reachX, 0]} tone="faint" />
      <Segment from={[0, -reachY]} to={[0, reachY]} tone="faint" />
      <Rays from={[0, 0]} along={pulls} tone="data" />
      <Arrow from={[0, 0]} along={mean} tone="walker" />
      <Dot at={mean} tone="walker" size={6} />
      <Key
        corner="lower"
        entries={[
          { tone: "data", mark: "dot", text: "each example" },
          { tone: "walker", mark: "dot", text: "their mean" },
        ]}
      />
    </Plot>
  );
}
