import type { JSX } from "react";
import { Dot, Label, Segment, Trail } from "../../figure/drawing/marks.js";
import { numberText } from "../../figure/drawing/number-text.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { State } from "./experiment.js";
import type { Settings } from "./figure.js";

/** The losses of an epoch's samples so far, and their average. */
export interface Epoch {
  readonly from: number;
  readonly to: number;
  readonly average: number;
}

/** The epochs up to a state. */
export function epochsOf(states: readonly State[]): Epoch[] {
  const epochs: { from: number; to: number; losses: number[] }[] = [];
  states.forEach(({ epoch, loss }, step) => {
    const last = (epochs[epoch - 1] ??= { from: step, to: step, losses: [] });
    last.to = step;
    last.losses.push(loss);
  });
  return epochs.map(({ from, to, losses }) => ({
    from,
    to,
    average: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  }));
}

/** Below this a logarithm would leave the picture. */
const least = 1e-4;

/** Each sample's loss, the average of each epoch, and what the last sample alone says. */
export function Losses({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const seen = states.slice(0, at + 1);
  const points = seen.map(({ loss }, step): Point => [step, Math.max(loss, least)]);
  const epochs = epochsOf(seen);
  const { average } = epochs.at(-1)!;
  return (
    <Plot
      title="The loss of each sample, and the average of each epoch"
      x={{ from: 0, to: Math.max(100, at), label: "updates" }}
      y={{ from: least, to: 1000, label: "loss", log: true, ticks: 7 }}
    >
      <Trail points={points} tone="faint" />
      {epochs.map(({ from, to, average }) => (
        <Segment key={from} from={[from, average]} to={[Math.max(to, from + 2), average]} tone="model" />
      ))}
      <Dot at={points[at]!} tone="loss" size={5} />
      <Label at={[0, 260]}>{`average of epoch ${epochs.length} so far: ${numberText(average)}`}</Label>
    </Plot>
  );
}
