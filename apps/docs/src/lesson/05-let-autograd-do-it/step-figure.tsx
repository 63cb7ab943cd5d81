import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { Changes } from "./changes.js";
import { ExplainedStep } from "./explained-step.js";
import type { Settings as Experiment, State } from "./step.experiment.js";
import experiment from "./step.experiment.ts?raw";
import code from "./step.pytorch.py?raw";
import output from "./step.pytorch.txt?raw";
import { termOf } from "./step-terms.js";

export interface Settings extends Experiment {
  readonly parameter: "weight" | "bias";
}

const optimizers: Readonly<Record<Settings["optimizer"], string>> = {
  sgd: "SGD with momentum",
  nesterov: "SGD, Nesterov’s momentum",
  rmsprop: "RMSprop",
  adam: "Adam",
  adamw: "AdamW",
  lion: "Lion",
};

export const explainedStep: FigureDefinition<State, Settings> = {
  name: "step",
  title: "Explain this step",
  experiment,
  pytorch: { code, output },
  controls: {
    optimizer: {
      kind: "choice",
      label: "Optimizer",
      start: "sgd",
      options: optimizers,
    },
    parameter: {
      kind: "choice",
      label: "Parameter",
      start: "weight",
      options: { weight: "weight w", bias: "bias b" },
      viewOnly: true,
    },
    rate: { kind: "slider", label: "Learning rate", start: 0.001, min: 0.0005, max: 0.05, step: 0.0005 },
    momentum: { kind: "slider", label: "Momentum μ, or β₁", start: 0.9, min: 0, max: 0.98, step: 0.02 },
    decay: { kind: "slider", label: "Weight decay λ", start: 0, min: 0, max: 0.5, step: 0.01 },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "The update, with its numbers", Drawing: ExplainedStep },
    { title: "Changes", Drawing: Changes },
  ],
  columns: [
    { name: "weight", value: ({ weight }) => termOf(weight, "param").before! },
    { name: "its gradient", value: ({ weight }) => termOf(weight, "grad").value },
    { name: "its change", value: ({ weight }) => termOf(weight, "change").value },
    { name: "computed as", value: ({ weight }) => termOf(weight, "change").formula },
    { name: "after the step", value: ({ weight }) => termOf(weight, "param").value },
    { name: "bias", value: ({ bias }) => termOf(bias, "param").before! },
    { name: "its gradient ", value: ({ bias }) => termOf(bias, "grad").value },
    { name: "its change ", value: ({ bias }) => termOf(bias, "change").value },
    { name: "after the step ", value: ({ bias }) => termOf(bias, "param").value },
  ],
  pace: 12,
  pictureAt: 3,
  describe({ states, at, settings: { optimizer, parameter } }) {
    const { update, [parameter]: explanation } = states[at]!;
    const [gradient, change, next] = ["grad", "change", "param"].map((name) => termOf(explanation, name));
    return (
      `Update ${update}, ${optimizers[optimizer]}: the gradient of the ${parameter} is ${numberText(gradient!.value)}. ` +
      `The optimizer subtracts ${numberText(change!.value)}, so it goes from ${numberText(next!.before!)} to ${numberText(next!.value)}.`
    );
  },
};
