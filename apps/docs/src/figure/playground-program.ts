import { controlsOf, type FigureDefinition } from "./figure-definition.js";

/** So many states are enough to see an experiment go; a visitor changes the number in the program. */
const mostStates = 200;

/** An experiment as a program for the playground: its text, and then a loop over its states that plots the numbers in them. */
export function playgroundProgram<State, Settings>(
  { controls, limit = 500 }: Pick<FigureDefinition<State, Settings>, "controls" | "limit">,
  text: string,
  settings: Settings,
): string {
  const drawn = new Set(
    controlsOf({ controls }).flatMap(([name, control]) => ("viewOnly" in control && control.viewOnly ? [name] : [])),
  );
  const given = Object.entries(settings as Record<string, unknown>).filter(([name]) => !drawn.has(name));
  return `${text.trimEnd()}

// The figure's settings, and what a page does with an experiment: it asks for one state after the other.
const settings: Settings = ${JSON.stringify(Object.fromEntries(given))};
let step = 0;
for await (const state of experiment(settings)) {
  const numbers = numbersIn(state);
  console.log(\`step \${step}\`, numbers);
  plot(numbers, step);
  if (++step > ${Math.min(limit, mostStates)}) break;
}

/** The numbers of a state, also those of its parts; lists are too long to plot. */
function numbersIn(part: object, name = ""): Record<string, number> {
  return Object.assign(
    {},
    ...Object.entries(part).map(([key, value]: [string, unknown]) => {
      if (typeof value === "number") return { [name + key]: value };
      if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
      return numbersIn(value, \`\${name}\${key} \`);
    }),
  );
}
`;
}
