import type { Tone } from "../../figure/drawing/marks.js";

export type Regime = "full" | "batch" | "single";

/** Who races, in which tone; the steadiest is drawn last, over the others. */
export const regimes: readonly { readonly name: Regime; readonly tone: Tone; readonly title: string }[] = [
  { name: "single", tone: "walker", title: "single samples" },
  { name: "batch", tone: "data", title: "mini-batches" },
  { name: "full", tone: "model", title: "full batch" },
];

/** The race's last update. */
export const updatesAtMost = 1000;
