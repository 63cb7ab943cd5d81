import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { BatchAndLine } from "./batch-and-line.js";
import type { Settings, State } from "./ledger.experiment.js";
import experiment from "./ledger.experiment.ts?raw";
import code from "./ledger.pytorch.py?raw";
import output from "./ledger.pytorch.txt?raw";
import { Ledger } from "./ledger.js";
import { LossesOfBatches } from "./losses-of-batches.js";

export const ledger: FigureDefinition<State, Settings> = {
  name: "ledger",
  title: "Program 3, batch by batch",
  experiment,
  pytorch: { code, output },
  controls: {
    batchSize: { kind: "slider", label: "Batch size", start: 10, min: 1, max: 100, step: 1 },
    shuffle: { kind: "switch", label: "Shuffle each epoch", start: true },
    dropLast: { kind: "switch", label: "Drop a short last batch", start: false },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Ledger", Drawing: Ledger },
    { title: "Batch and line", Drawing: BatchAndLine },
    { title: "Losses", Drawing: LossesOfBatches },
  ],
  columns: [
    { name: "epoch", value: ({ epoch }) => epoch },
    { name: "samples in the batch", value: ({ batches }) => batches.at(-1)?.join(", ") ?? "" },
    { name: "batch’s loss", value: ({ batchLoss }) => batchLoss },
    { name: "epoch’s loss so far", value: ({ epochLoss }) => epochLoss },
    { name: "weight", value: ({ weight }) => weight },
    { name: "bias", value: ({ bias }) => bias },
  ],
  pace: 6,
  pictureAt: 14,
  describe({ states, at }) {
    const { epoch, batches, missed, batchLoss, epochLoss, weight, bias } = states[at]!;
    const line = `ŷ = ${numberText(weight)} · x ${bias < 0 ? "−" : "+"} ${numberText(Math.abs(bias))}`;
    if (epoch === 0) return `100 samples, and a new model: ${line}. No batch has been loaded yet.`;
    const batch = batches.at(-1)!;
    const first = `Batch ${batches.length} of epoch ${epoch} has ${batch.length === 1 ? "one sample" : `${batch.length} samples`}, and a loss of ${numberText(batchLoss)}; after its update, ${line}.`;
    if (missed === null) return first;
    const left = missed.length === 0 ? "nobody was left out" : `${missed.length} samples were left out`;
    return `${first} The epoch is over, and ${left}: its average loss is ${numberText(epochLoss)}, while its last batch alone says ${numberText(batchLoss)}.`;
  },
};
