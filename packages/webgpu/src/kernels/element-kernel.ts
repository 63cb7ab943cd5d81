import type { DType } from "@downhill/core";
import { bitsOf, perWord } from "../wgsl/values.js";
import type { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";

const threads = 256;

/** Has a thread for each of `count` turns, whose number `body` gets. */
export function writeTurns(writer: Writer, count: number, label: string, body: (turn: string) => void): Dispatch {
  const turn = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${turn} >= ${count}u) { return; }`);
  body(turn);
  const workgroups = [...spread(Math.ceil(count / threads)), 1] as const;
  return { label, code: writer.text(threads), workgroups, words: writer.words };
}

/** Writes all `count` elements of a value, in order: a thread for each, or for those of a word. */
export function writeElements(
  writer: Writer,
  value: number,
  dtype: DType,
  count: number,
  label: string,
  element: (at: string) => string,
): Dispatch {
  const base = writer.word({ kind: "address", value });
  const together = perWord(dtype);
  if (together === 1)
    return writeTurns(writer, count, label, (turn) => {
      writer.store(`${base} + ${turn}`, bitsOf(writer, dtype, element(turn)));
    });
  return writeTurns(writer, Math.ceil(count / together), label, (turn) => {
    const word = writer.name("b");
    writer.line(`var ${word} = 0u;`);
    writer.line(`for (var u = 0u; u < ${together}u; u++) {`);
    const at = writer.let(`${turn} * ${together}u + u`);
    if (count % together !== 0) writer.line(`if (${at} >= ${count}u) { break; }`);
    writer.line(`${word} |= (${bitsOf(writer, dtype, element(at))}) << (u * ${32 / together}u);`);
    writer.line("}");
    writer.store(`${base} + ${turn}`, word);
  });
}
