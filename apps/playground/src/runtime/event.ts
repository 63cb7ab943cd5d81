import type { ExplainedProgram, MemoryUsage } from "@downhill/core";
import type { Shown } from "./shown.js";

/** What a program says while it runs. */
export type RunEvent =
  | { readonly type: "log"; readonly level: LogLevel; readonly values: readonly Shown[] }
  /** One point more on curves of these names. */
  | { readonly type: "point"; readonly values: Readonly<Record<string, number>>; readonly x?: number }
  /** A curve, or a cloud of points, as a whole; takes the place of the one with its name. */
  | { readonly type: "curve"; readonly name: string; readonly x: Float64Array; readonly y: Float64Array; readonly kind: CurveKind } // prettier-ignore
  /** A picture; takes the place of the one with its name. */
  | { readonly type: "image"; readonly name: string; readonly picture: Picture }
  | { readonly type: "progress"; readonly label: string; readonly done: number; readonly total: number | undefined }
  /** The program waits for a text, or for drawings. */
  | { readonly type: "ask"; readonly id: number; readonly question: string; readonly suggestion: string }
  | { readonly type: "pad"; readonly id: number; readonly size: number }
  | { readonly type: "engine"; readonly engine: EngineReport }
  /** Lines that came faster than they could be shown. */
  | { readonly type: "dropped"; readonly count: number };

export type LogLevel = "log" | "info" | "warn" | "error";
export type CurveKind = "line" | "points";

/** Pixels as a canvas takes them, and points to draw over them. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  readonly points?: PicturePoints;
}

/** Points in a picture: x to the right and y downwards, both from 0 to 1, and a class for each. */
export interface PicturePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly classes: Uint8Array;
}

/** What the engine does with the program. */
export interface EngineReport {
  readonly device: string;
  readonly memory: MemoryUsage;
  /** Runs per second of the Program that runs most: steps, in a training loop. */
  readonly stepsPerSecond: number;
  /** The Programs that have run, those that ran most first. */
  readonly programs: readonly ExplainedProgram[];
}
