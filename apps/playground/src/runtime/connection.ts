import type { RunEvent } from "./event.js";
import { type Fault, ProgramError } from "./fault.js";
import type { Request, Response } from "./message.js";

/** What a request ends with when its worker is stopped. */
export class Stopped extends Error {
  override name = "Stopped";
  constructor() {
    super("stopped");
  }
}

export interface Listener {
  readonly onEvents?: (events: readonly RunEvent[]) => void;
  /** An error that no request waits for. */
  readonly onAstray?: (fault: Fault) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker of its own for one program, and what is asked of it. */
export class Connection {
  readonly #worker: Worker = new Worker(new URL("./runtime.worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #stopped = false;

  constructor(listener: Listener = {}) {
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => {
      if (this.#stopped) return; // what was under way when it was stopped
      if (data.type === "events") listener.onEvents?.(data.events);
      else if (data.type === "astray") listener.onAstray?.(data.fault);
      else if (data.type === "reply") this.#take(data.id)?.resolve(data.value);
      else this.#take(data.id)?.reject(new ProgramError(data.fault));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const message = event.message || "the worker's script could not be loaded";
      this.#end(new ProgramError({ name: "WorkerError", message }));
    };
  }

  ask(request: Request): Promise<unknown> {
    if (this.#stopped) return Promise.reject(new Stopped());
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  /** Ends the worker at once, whatever it is in. */
  stop(): void {
    this.#end(new Stopped());
  }

  #end(reason: Error): void {
    this.#stopped = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
