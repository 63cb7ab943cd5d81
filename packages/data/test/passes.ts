import { vi } from "vitest";
import { progress, type ProgressOptions, type ProgressStream } from "../src/progress.js";

/** A stream that keeps what is written to it, with or without a terminal behind it. */
export class FakeStream implements ProgressStream {
  text = "";
  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  get lines(): string[] {
    return this.text.split("\n");
  }
  /** What a terminal shows after this text, as far as progress needs one: newlines, cursor to a column, clear to the right. */
  get screen(): string[] {
    const rows = [""];
    let column = 0;
    // eslint-disable-next-line no-control-regex -- escape sequences are what is tested
    for (const [, command, plain] of this.text.matchAll(/\x1b\[([?\d;]*[A-Za-z])|(\n|[^\x1b])/gu)) {
      const row = rows.at(-1) ?? "";
      if (command === "1G") column = 0;
      else if (command === "0K") rows[rows.length - 1] = row.slice(0, column);
      else if (command !== undefined) throw new Error(`the terminal was sent ${command}`);
      else if (plain === "\n") {
        rows.push("");
        column = 0;
      } else rows[rows.length - 1] = row.slice(0, column) + (plain ?? "") + row.slice(++column);
    }
    return rows;
  }
}

export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

export async function* stream(length: number): AsyncGenerator<number> {
  for (const i of range(length)) yield await Promise.resolve(i);
}

/** Like a DataLoader: a length, and both ways to iterate. */
export const loader = (length: number): Iterable<number> & AsyncIterable<number> & { length: number } => ({
  length,
  [Symbol.iterator]: () => range(length).values(),
  [Symbol.asyncIterator]: () => stream(length),
});

/** Runs a pass whose every turn takes `ms` milliseconds. */
export function pass(length: number, ms: number, options: ProgressOptions): void {
  for (const _ of progress(range(length), options)) vi.advanceTimersByTime(ms);
}
