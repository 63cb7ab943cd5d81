import { nothingFailed } from "../wgsl/failure.js";
import { Writer } from "../wgsl/writer.js";
import type { Dispatch } from "./dispatch.js";
import { writeTurns } from "./element-kernel.js";

/** Words from which on a thread copies four at a time. */
const manyWords = 2 ** 14;

const inFours = (words: number): boolean => words >= manyWords && words % 4 === 0;

/** Copies the words of an updated value over the variable's, unless something has failed. */
export function writeUpdate(from: number, to: number, words: number, label: string): Dispatch {
  const fours = inFours(words);
  const writer = new Writer(false, fours);
  return writeTurns(writer, fours ? words / 4 : words, label, (turn) => {
    writer.line(`if (!(${nothingFailed(writer)})) { return; }`);
    const [source, target] = [from, to].map((value) => writer.word({ kind: "address", value })) as [string, string];
    if (fours) writer.storeFour(target, turn, writer.loadFour(source, turn));
    else writer.store(`${target} + ${turn}`, writer.load(`${source} + ${turn}`));
  });
}

/** Copies the words of a value to a place in another, so many bytes behind its start. */
export function writeCopy(from: number, to: number, offset: number, words: number, label: string): Dispatch {
  const writer = new Writer();
  return writeTurns(writer, words, label, (turn) => {
    const source = writer.word({ kind: "address", value: from });
    const target = writer.word({ kind: "address", value: to, offset });
    writer.store(`${target} + ${turn}`, writer.load(`${source} + ${turn}`));
  });
}

/** Makes all words of a value 0. */
export function writeZeros(value: number, words: number, label: string): Dispatch {
  const fours = inFours(words);
  const writer = new Writer(false, fours);
  const target = writer.word({ kind: "address", value });
  return writeTurns(writer, fours ? words / 4 : words, label, (turn) => {
    if (fours) writer.storeFour(target, turn, "vec4<u32>()");
    else writer.store(`${target} + ${turn}`, "0u");
  });
}
