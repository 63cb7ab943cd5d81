import type { Mark } from "../editor/code-mirror.js";
import type { EngineReport, LogLevel, Picture, RunEvent } from "../runtime/event.js";
import type { Outcome } from "../runtime/run-program.js";
import type { DeviceName } from "../runtime/message.js";
import type { Shown } from "../runtime/shown.js";
import { addPoint, type Curve } from "./curve.js";
import { numbersIn } from "./numbers-in.js";

export interface Line {
  readonly id: number;
  readonly level: LogLevel;
  readonly values: readonly Shown[];
}

/** What the program waits for. */
export type Question =
  | { readonly type: "ask"; readonly id: number; readonly question: string; readonly suggestion: string }
  | { readonly type: "pad"; readonly id: number; readonly size: number };

const mostLines = 5000;

/** What one run has said so far. Events are added in place; `version` tells who draws that something is new. */
export class RunRecord {
  readonly id: number;
  readonly title: string;
  readonly device: DeviceName;
  lines: Line[] = [];
  /** Lines that came too fast, or that were many. */
  dropped = 0;
  readonly curves: Map<string, Curve> = new Map<string, Curve>();
  readonly images: Map<string, Picture> = new Map<string, Picture>();
  readonly progress: Map<string, { readonly done: number; readonly total: number | undefined }> = new Map();
  question: Question | null = null;
  engine: EngineReport | null = null;
  outcome: Outcome | null = null;
  /** The line that failed. One object for good: a new one would mark the line again after it has been edited. */
  mark: Mark | null = null;
  version = 0;
  #lines = 0;

  constructor(id: number, title: string, device: DeviceName) {
    this.id = id;
    this.title = title;
    this.device = device;
  }

  add(events: readonly RunEvent[]): void {
    for (const event of events) this.#add(event);
    if (this.lines.length > mostLines) {
      this.dropped += this.lines.length - mostLines;
      this.lines = this.lines.slice(-mostLines);
    }
    this.version++;
  }

  end(outcome: Outcome): void {
    this.outcome = outcome;
    const fault = outcome.type === "failed" ? outcome.fault : null;
    if (fault?.line !== undefined) this.mark = { line: fault.line, message: fault.message };
    this.question = null;
    this.version++;
  }

  #add(event: RunEvent): void {
    switch (event.type) {
      case "log":
        this.lines.push({ id: this.#lines++, level: event.level, values: event.values });
        for (const [name, value] of numbersIn(event.values)) this.#point(name, value);
        return;
      case "point":
        for (const [name, value] of Object.entries(event.values)) this.#point(name, value, event.x);
        return;
      case "curve":
        this.curves.set(event.name, { x: [...event.x], y: [...event.y], kind: event.kind, stride: 1, seen: 0 });
        return;
      case "image":
        this.images.set(event.name, event.picture);
        return;
      case "progress":
        this.progress.delete(event.label); // the newest stands last
        this.progress.set(event.label, { done: event.done, total: event.total });
        return;
      case "ask":
      case "pad":
        this.question = event;
        return;
      case "engine":
        this.engine = event.engine;
        return;
      case "dropped":
        this.dropped += event.count;
    }
  }

  #point(name: string, value: number, x?: number): void {
    let curve = this.curves.get(name);
    if (curve === undefined) this.curves.set(name, (curve = { x: [], y: [], kind: "line", stride: 1, seen: 0 }));
    addPoint(curve, value, x);
  }
}
