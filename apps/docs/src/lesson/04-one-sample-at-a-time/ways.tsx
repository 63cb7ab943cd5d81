import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Arrow, Dot, Rays, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import { reach } from "../../figure/drawing/reach.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

/** Where each sample would send the walker from here: downhill or uphill, for the average. */
export function Ways({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { gradients, gradient, uphill } = states[at]!;
  const pulls = gradients.map(([w, b]): Point => [-w, -b]);
  const pull: Point = [-gradient[0], -gradient[1]];
  const reachX = reach(pulls.map(([w]) => w));
  const reachY = reach(pulls.map(([, b]) => b));
  const count = uphill.filter(Boolean).length;
  return (
    <Plot
      title="Where each sample pulls: downhill or uphill"
      x={{ from: -reachX, to: reachX, label: "pull along w", ticks: 4 }}
      y={{ from: -reachY, to: reachY, label: "pull along b", ticks: 4 }}
    >
      <Segment from={[-reachX, 0]} to={[reachX, 0]} tone="faint" />
      <Segment from={[0, -reachY]} to={[0, reachY]} tone="faint" />
      <Rays from={[0, 0]} along={pulls.filter((_, i) => uphill[i] !== true)} tone="data" />
      <Rays from={[0, 0]} along={pulls.filter((_, i) => uphill[i] === true)} tone="loss" />
      <Arrow from={[0, 0]} along={pull} tone="walker" />
      <Dot at={pull} tone="walker" size={5} />
      <Key
        corner="lower"
        entries={[
          { tone: "data", mark: "dot", text: `${gradients.length - count} downhill` },
          { tone: "loss", mark: "dot", text: `${count} uphill` },
          { tone: "walker", mark: "dot", text: "this sample" },
        ]}
      />
    </Plot>
  );
}
