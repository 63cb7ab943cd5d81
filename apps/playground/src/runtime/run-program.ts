import { Connection, Stopped } from "./connection.js";
import type { RunEvent } from "./event.js";
import { type Fault, ProgramError } from "./fault.js";
import type { DeviceName } from "./message.js";

export interface RunOptions {
  /** Default: `cpu`. */
  readonly device?: DeviceName;
  readonly onEvents?: (events: readonly RunEvent[]) => void;
}

export type Outcome =
  | { readonly type: "finished"; readonly seconds: number }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly fault: Fault };

export interface Run {
  /** How it ended; never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends it at once, also in `while (true)`. */
  stop(): void;
  /** Gives what an `ask` or a `pad` event of this run waits for. */
  answer(id: number, value: unknown): void;
}

/** Runs a program in a worker of its own. Its timers and callbacks go on after its end, until it is stopped. */
export function runProgram(text: string, { device = "cpu", onEvents }: RunOptions = {}): Run {
  let fail: (error: Error) => void = () => undefined;
  const astray = new Promise<never>((_, reject) => (fail = reject));
  const connection = new Connection({
    ...(onEvents === undefined ? {} : { onEvents }),
    onAstray: (fault) => {
      fail(new ProgramError(fault));
      connection.stop();
    },
  });
  const start = performance.now();
  const outcome = Promise.race([astray, connection.ask({ type: "run", text, device })]).then(
    (): Outcome => ({ type: "finished", seconds: (performance.now() - start) / 1000 }),
    (error: unknown): Outcome => {
      connection.stop();
      return error instanceof Stopped ? { type: "stopped" } : { type: "failed", fault: (error as ProgramError).fault };
    },
  );
  return {
    outcome,
    stop: () => connection.stop(),
    answer: (id, value) => void connection.ask({ type: "answer", id, value }).catch(() => undefined),
  };
}
