import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Curve, Dot, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import { stepAxis } from "../../figure/drawing/step-axis.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

/** The loss of the sample whose turn it is, and the average of all: what is printed, and what is meant. */
export function BothLosses({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const walk = states.slice(0, at + 1);
  const samples = walk.map(({ loss }) => Math.max(1e-12, loss)); // a logarithm has no 0
  return (
    <Plot
      title="One sample's loss and the average of all, update by update"
      x={stepAxis(at, "update")}
      y={{ from: 1e-3, to: 1e5, label: "loss", log: true, ticks: 4 }}
    >
      {Array.from({ length: Math.floor(at / 100) }, (_, i) => (
        <Segment key={i} from={[100 * (i + 1), 1e-3]} to={[100 * (i + 1), 1e5]} tone="faint" />
      ))}
      <Curve values={samples} tone="faint" />
      <Curve values={walk.map(({ average }) => average)} tone="loss" />
      <Dot at={[at, samples[at]!]} tone="faint" />
      <Dot at={[at, walk[at]!.average]} tone="loss" />
      <Key
        entries={[
          { tone: "loss", mark: "dot", text: "average of all" },
          { tone: "faint", mark: "dot", text: "this sample’s" },
        ]}
      />
    </Plot>
  );
}
