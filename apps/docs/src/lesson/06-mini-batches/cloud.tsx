import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Arrow, Dot, Dots } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Pair, Settings, State } from "./noise.experiment.js";

/** Gradients as points: those of the samples, of the batches so far, and of all samples together. */
export function Cloud({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const samples = states[0]!.samples!;
  const { gradient, full } = states[at]!;
  const before = states.slice(1, at).map(({ gradient }) => gradient!);
  return (
    <Plot title="The cloud of gradients" x={axis(samples, 0, "slope along w")} y={axis(samples, 1, "slope along b")}>
      <Dots at={samples} tone="faint" size={1.5} />
      <Dots at={before} tone="data" size={2.5} />
      {gradient !== null && <Arrow from={[0, 0]} along={gradient} tone="walker" />}
      {gradient !== null && <Dot at={gradient} tone="walker" size={4.5} />}
      <Arrow from={[0, 0]} along={full} tone="model" />
      <Key
        corner="lower"
        entries={[
          { tone: "faint", mark: "dot", text: "a sample’s" },
          { tone: "data", mark: "dot", text: "a batch’s" },
          { tone: "walker", mark: "line", text: "the newest batch’s" },
          { tone: "model", mark: "line", text: "the full gradient" },
        ]}
      />
    </Plot>
  );
}

/** Room for all samples and for zero, whatever the batch size: clouds of different sizes can be compared. */
function axis(samples: readonly Pair[], part: 0 | 1, label: string): { from: number; to: number; label: string } {
  const values = [0, ...samples.map((sample) => sample[part])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low);
  return { from: low - room, to: high + room, label };
}
