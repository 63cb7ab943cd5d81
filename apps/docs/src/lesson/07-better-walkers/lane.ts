import type { Tone } from "../../figure/drawing/marks.js";
import type { Point } from "../../figure/figure-definition.js";

/** Where a walker is. */
export interface Walker {
  readonly place: Point;
  readonly height: number;
}

/** What the drawings of both figures need of a state. */
export interface Field {
  readonly walkers: Readonly<Record<string, Walker>>;
  readonly map: Land | null;
}

export interface Land {
  readonly x: Point;
  readonly y: Point;
  readonly heights: readonly (readonly number[])[];
  readonly bottoms: readonly Point[];
}

/** What only the drawings look at: whose walk stands out. */
export interface View {
  readonly follow: "all" | "SGD" | "Momentum" | "Nesterov" | "RMSprop" | "Adam" | "AdamW";
}

/** The walkers that the experiments begin with. */
export const names = ["SGD", "Momentum", "Nesterov", "RMSprop", "Adam", "AdamW"] as const;

const tones: readonly Tone[] = ["lane-1", "lane-2", "lane-3", "lane-4", "lane-5", "lane-6"];

/** A walker's line: its name, its colour, and whether another one is followed. */
export interface Lane {
  readonly name: string;
  readonly tone: Tone;
  readonly dimmed: boolean;
}

/** All walkers of a state, the one that is followed last, so that it is drawn over the others. */
export function lanesOf({ walkers }: Field, { follow }: View): Lane[] {
  const followed = Object.hasOwn(walkers, follow);
  const lanes = Object.keys(walkers).map((name, i) => ({
    name,
    tone: tones[i % tones.length]!,
    dimmed: followed && name !== follow,
  }));
  return [...lanes.filter(({ dimmed }) => dimmed), ...lanes.filter(({ dimmed }) => !dimmed)];
}
