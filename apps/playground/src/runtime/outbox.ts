import type { RunEvent } from "./event.js";

const interval = 40;
const mostLines = 400;

/**
 * Collects events and sends them some at a time, so that a page is not woken for each. Works in a loop that never lets a
 * timer run: every event looks at the clock. Of lines that come too fast the newest of each parcel are sent, and a count.
 */
export class Outbox {
  readonly #send: (events: RunEvent[]) => void;
  #waiting: RunEvent[] = [];
  #lines = 0;
  #sent = -Infinity;
  #timer = false;

  constructor(send: (events: RunEvent[]) => void) {
    this.#send = send;
  }

  add(event: RunEvent): void {
    this.#waiting.push(event);
    if (event.type === "log") this.#lines++;
    if (this.#lines > 2 * mostLines) this.#drop();
    if (performance.now() - this.#sent >= interval) this.flush();
    else if (!this.#timer) {
      this.#timer = true;
      setTimeout(() => {
        this.#timer = false;
        this.flush();
      }, interval);
    }
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    if (this.#lines > mostLines) this.#drop();
    const events = this.#waiting;
    this.#waiting = [];
    this.#lines = 0;
    this.#sent = performance.now();
    this.#send(events);
  }

  /** Leaves the newest lines, in their order; all other events stay. */
  #drop(): void {
    let surplus = this.#lines - mostLines;
    let count = 0;
    const kept = this.#waiting.filter((event) => {
      if (event.type === "dropped") count += event.count;
      if (event.type !== "log") return event.type !== "dropped";
      if (surplus <= 0) return true;
      surplus--;
      count++;
      return false;
    });
    this.#waiting = [{ type: "dropped", count }, ...kept];
    this.#lines = mostLines;
  }
}
