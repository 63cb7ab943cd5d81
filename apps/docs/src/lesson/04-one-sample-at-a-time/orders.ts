import type { Tone } from "../../figure/drawing/marks.js";
import type { Order } from "./order.experiment.js";

/** The three walkers as the panels show them. */
export const orders: readonly { readonly order: Order; readonly name: string; readonly tone: Tone }[] = [
  { order: "sorted", name: "sorted by x", tone: "loss" },
  { order: "drawn", name: "as drawn", tone: "walker" },
  { order: "shuffled", name: "shuffled anew", tone: "model" },
];
