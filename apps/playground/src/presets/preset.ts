import byHand from "../../programs/1-by-hand.ts?raw";
import oneSample from "../../programs/2-one-sample-at-a-time.ts?raw";
import miniBatches from "../../programs/3-mini-batches.ts?raw";
import autoencoder from "./programs/autoencoder.ts?raw";
import characters from "./programs/characters.ts?raw";
import digits from "./programs/digits.ts?raw";
import spirals from "./programs/spirals.ts?raw";

/** A program to begin with. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly group: "The lesson" | "More to train";
  /** What is worth looking at. */
  readonly about: string;
  readonly text: string;
}

export const presets: readonly Preset[] = [
  {
    id: "by-hand",
    title: "1 · Descent by hand",
    group: "The lesson",
    about: "Two numbers, a hundred samples, the derivatives written out.",
    text: byHand,
  },
  {
    id: "one-sample",
    title: "2 · One sample at a time",
    group: "The lesson",
    about: "The same with autograd: a module, a loss and an optimizer.",
    text: oneSample,
  },
  {
    id: "mini-batches",
    title: "3 · Mini-batches",
    group: "The lesson",
    about: "A dataset and a loader that shuffles, ten samples to a step.",
    text: miniBatches,
  },
  {
    id: "spirals",
    title: "Two spirals",
    group: "More to train",
    about: "A small network, and the border that it draws while it trains.",
    text: spirals,
  },
  {
    id: "digits",
    title: "Digit reader",
    group: "More to train",
    about: "Trains on digits that it draws itself, then reads what you draw.",
    text: digits,
  },
  {
    id: "characters",
    title: "Character transformer",
    group: "More to train",
    about: "Learns to write like a text that you give it, letter by letter.",
    text: characters,
  },
  {
    id: "autoencoder",
    title: "Autoencoder",
    group: "More to train",
    about: "Digits through sixteen numbers and back.",
    text: autoencoder,
  },
];
