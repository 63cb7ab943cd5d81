import type { ChoiceControl } from "../../figure/figure-definition.js";
import { names, type View } from "./lane.js";

/** Whose walk stands out. */
export const follow: ChoiceControl<View["follow"]> = {
  kind: "choice",
  label: "Follow",
  start: "all",
  options: {
    all: "everyone",
    ...(Object.fromEntries(names.map((name) => [name, name])) as Record<(typeof names)[number], string>),
  },
  viewOnly: true,
};
