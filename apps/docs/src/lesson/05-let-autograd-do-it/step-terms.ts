import type { StepTerm } from "@downhill/optim";
import type { Explanation } from "./step.experiment.js";

/** A quantity of an update, by its name. */
export const termOf = ({ terms }: Explanation, name: string): StepTerm => terms.find((term) => term.name === name)!;
