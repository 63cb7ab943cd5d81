import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Dot, Dots, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./ledger.experiment.js";

const y = { from: 0.1, to: 1000, label: "loss", log: true };

/** The loss of each batch, and of each epoch that is over. What the last batch says stands out: it is what many programs print. */
export function LossesOfBatches({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const known = states.slice(1, at + 1);
  const perEpoch = (settings.dropLast ? Math.floor : Math.ceil)(100 / settings.batchSize);
  const ends = known.filter(({ missed }) => missed !== null);
  return (
    <Plot title="Losses" x={{ from: 0, to: 5 * perEpoch + 1, label: "batch" }} y={y}>
      <Dots
        at={known.map(({ batchLoss }, i): Point => [i + 1, batchLoss])}
        tone="data"
        size={perEpoch > 40 ? 1.5 : 3}
      />
      {ends.map(({ epoch, batchLoss }) => (
        <Dot key={epoch} at={[epoch * perEpoch, batchLoss]} tone="loss" size={4.5} />
      ))}
      {ends.map(({ epoch, epochLoss }) => (
        <Segment
          key={epoch}
          from={[(epoch - 1) * perEpoch + 0.5, epochLoss]}
          to={[epoch * perEpoch + 0.5, epochLoss]}
          tone="model"
        />
      ))}
      <Key
        entries={[
          { tone: "data", mark: "dot", text: "a batch’s loss" },
          { tone: "loss", mark: "dot", text: "the epoch’s last: what is printed" },
          { tone: "model", mark: "line", text: "the epoch’s average" },
        ]}
      />
    </Plot>
  );
}
