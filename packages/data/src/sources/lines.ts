import { FileError } from "@downhill/core/files";
import { IterableDataset } from "../iterable-dataset.js";
import { checkSourceOptions, type SourceInput, type SourceOptions, streamBytes } from "./byte-stream.js";
import { HeldBytes, ROW_BYTES } from "./held-bytes.js";

interface Line {
  readonly file: string;
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  /** Where it begins. */
  readonly byte: number;
}

async function* linesOf(where: string, input: SourceInput, options: SourceOptions): AsyncGenerator<Line> {
  const held = new HeldBytes(options, ROW_BYTES); // of the line that has begun
  let [number, byte, name] = [0, 0, ""];
  const what = (): string => `${name}: line ${number + 1}, from byte ${byte}`;
  const line = (bytes: Uint8Array): Line => {
    const start = byte;
    byte += bytes.length + 1;
    number++;
    const whole = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: number > 1 }).decode(whole);
      return { file: name, text, number, byte: start };
    } catch {
      throw new FileError(`${name}: line ${number}, from byte ${start}: is no UTF-8 text`);
    }
  };
  for await (const { file, bytes } of streamBytes(where, input, options)) {
    name = file;
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      held.add(bytes.subarray(start, end), what);
      yield line(held.take());
      start = end + 1;
    }
    held.add(bytes.subarray(start), what);
  }
  if (held.length > 0) yield line(held.take());
}

/**
 * Reads the lines of a UTF-8 text, one after the other; each pass reads it anew. gzipped text is unpacked.
 *
 * @throws FileError while it is read, for a file that is missing or no text, or a line of more than `maxBytes`, with the line
 * and the byte.
 *
 * @example
 * const bytes = new TextEncoder().encode("one\ntwo\n");
 * for await (const line of readLines(bytes)) console.log(line.length); // 3
 */
export function readLines(input: SourceInput, options: SourceOptions = {}): IterableDataset<string> {
  checkSourceOptions("readLines", options);
  return new IterableDataset(async function* () {
    for await (const { text } of linesOf("readLines", input, options)) yield text;
  });
}

/**
 * Reads JSON Lines: a value on each line; empty lines are skipped.
 *
 * @throws FileError while it is read, for a line that is no JSON, with its number and byte.
 *
 * @example
 * const bytes = new TextEncoder().encode('{"x":1}\n{"x":2}\n');
 * const rows: { x: number }[] = [];
 * for await (const row of readJsonLines<{ x: number }>(bytes)) rows.push(row);
 * rows; // [{ x: 1 }, { x: 2 }]
 */
export function readJsonLines<Value = unknown>(
  input: SourceInput,
  options: SourceOptions = {},
): IterableDataset<Value> {
  checkSourceOptions("readJsonLines", options);
  return new IterableDataset(async function* () {
    for await (const { file, text, number, byte } of linesOf("readJsonLines", input, options)) {
      if (text.trim() === "") continue;
      let value: Value;
      try {
        value = JSON.parse(text) as Value;
      } catch (error) {
        throw new FileError(`${file}: line ${number}, from byte ${byte}: is no JSON: ${(error as Error).message}`);
      }
      yield value;
    }
  });
}
