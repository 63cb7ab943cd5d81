import type { JSX } from "react";
import { Bar, Dot, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./accumulate.experiment.js";

/** Each entry of the gradient: of the whole batch, and of the parts so far. On the line they are equal. */
export function Entries({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { whole, sum } = states[at]!;
  const far = 1.1 * Math.max(...whole.map(Math.abs));
  return (
    <Plot
      title="The gradient, entry by entry"
      x={{ from: -far, to: far, label: "the whole batch" }}
      y={{ from: -far, to: far, label: "parts added up" }}
    >
      <Segment from={[-far, -far]} to={[far, far]} tone="faint" />
      {whole.map((value, i) => (
        <Dot key={i} at={[value, sum[i]!]} tone="model" size={3.5} />
      ))}
    </Plot>
  );
}

/** How many entries agree in how many bits. The last bar: in all of them. */
export function AgreeingBits({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { bits, precision } = states[at]!;
  const counts = Array.from({ length: precision + 1 }, (_, n) => bits.filter((each) => each === n).length);
  return (
    <Plot
      title="How many entries agree in how many bits"
      x={{ from: -1, to: precision + 1, label: `leading bits that agree, of ${precision}`, ticks: 6 }}
      y={{ from: 0, to: Math.max(40, ...counts) * 1.05, label: "entries of the gradient" }}
    >
      {counts.map((height, n) => (
        <Bar key={n} at={n} height={height} tone={n === precision ? "model" : "loss"} />
      ))}
    </Plot>
  );
}
