import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";

const threads = 256;

/** Copies the words of one value over another's. */
export function writeCopy(from: number, to: number, words: number, label: string): Dispatch {
  const writer = new Writer();
  const thread = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${thread} >= ${words}u) { return; }`);
  const bits = writer.load(`${writer.word({ kind: "address", value: from })} + ${thread}`);
  writer.store(`${writer.word({ kind: "address", value: to })} + ${thread}`, bits);
  return {
    label,
    code: writer.text(threads),
    workgroups: [...spread(Math.ceil(words / threads)), 1],
    words: writer.words,
  };
}

/** Makes all words of a value 0. */
export function writeZeros(value: number, words: number, label: string): Dispatch {
  const writer = new Writer();
  const thread = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${thread} >= ${words}u) { return; }`);
  writer.store(`${writer.word({ kind: "address", value })} + ${thread}`, "0u");
  return {
    label,
    code: writer.text(threads),
    workgroups: [...spread(Math.ceil(words / threads)), 1],
    words: writer.words,
  };
}
