import { expect } from "vitest";
import { cellText } from "../../src/figure/state-table.js";
import { type FigureDefinition, startOf } from "../../src/figure/figure-definition.js";
import { take } from "../take.js";

/** A figure on a page, and the rows that its table has to show: those of the experiment run in Node. */
export interface FigureCase {
  readonly name: string;
  /** Steps 0 to `at`; of what is measured, a matcher that takes any number. */
  readonly rows: (at: number) => Promise<string[][]>;
  /** How many steps the tests take. Default: 4. */
  readonly steps: number;
}

/** An exercise and an answer that is right. What it starts with has to be refused. */
export interface ExerciseCase {
  readonly title: string;
  readonly right: string;
}

export interface Chapter {
  /** The last part of its address. */
  readonly page: string;
  readonly figures: readonly FigureCase[];
  readonly exercises: readonly ExerciseCase[];
}

/** The case of a figure: its definition, and its experiment as a module. */
export function figureCase<State, Settings extends ExperimentSettings, ExperimentSettings>(
  definition: FigureDefinition<State, Settings>,
  experiment: (settings: ExperimentSettings) => AsyncIterable<State>,
  { steps = 4 }: { readonly steps?: number } = {},
): FigureCase {
  return {
    name: definition.name,
    steps,
    rows: async (at) => {
      const states = await take(experiment(startOf(definition)), at + 1);
      return states.map((state, step) => [
        String(step),
        ...definition.columns.map(({ value, measured }) => {
          const text = cellText(value(state));
          // Another machine's number: any that is one.
          return measured === true && text !== "" ? (expect.stringMatching(/^\d/) as string) : text;
        }),
      ]);
    },
  };
}
