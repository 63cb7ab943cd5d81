import type { RunEvent } from "./event.js";
import type { Fault } from "./fault.js";

export type DeviceName = "cpu" | "webgpu";

/** What a page asks of a runtime's worker. Each but `answer` is replied to, once. */
export type Request =
  | { readonly type: "run"; readonly text: string; readonly device: DeviceName }
  | { readonly type: "open"; readonly text: string; readonly settings: unknown; readonly device: DeviceName }
  /** The module's experiment once more, from its start. */
  | { readonly type: "restart"; readonly settings: unknown }
  | { readonly type: "next"; readonly count: number }
  | { readonly type: "check"; readonly text: string; readonly checkText: string }
  /** What the visitor gave to an `ask` or a `pad`. */
  | { readonly type: "answer"; readonly id: number; readonly value: unknown };

export interface States {
  readonly states: readonly unknown[];
  /** The experiment has come to its end. */
  readonly done: boolean;
}

export interface Verdict {
  readonly ok: boolean;
  readonly message: string;
  /** Where the user's code failed, if it did. */
  readonly fault?: Fault;
}

/** What the worker says. */
export type Response =
  | { readonly type: "events"; readonly events: readonly RunEvent[] }
  | { readonly type: "reply"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly fault: Fault }
  /** An error that no request waits for: a rejection nobody caught, a callback that threw. */
  | { readonly type: "astray"; readonly fault: Fault };
