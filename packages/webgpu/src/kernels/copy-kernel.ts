import { nothingFailed } from "../wgsl/failure.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";

const threads = 256;

/** Copies the words of an updated value over the variable's, unless something has failed. */
export function writeUpdate(from: number, to: number, words: number, label: string): Dispatch {
  const writer = new Writer();
  const thread = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${thread} >= ${words}u || !(${nothingFailed(writer)})) { return; }`);
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
