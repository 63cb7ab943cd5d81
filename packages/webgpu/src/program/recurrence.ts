import { recurringOf, type Row } from "@downhill/core/compiler";
import { itemSize, type ProgramNode, sizeOf } from "@downhill/core/engine";
import { writeCopy } from "../kernels/copy-kernel.js";
import type { Dispatch } from "../kernels/dispatch.js";
import type { Word } from "../wgsl/writer.js";
import type { BodyPlan } from "./dispatches.js";

/** Bits of a number as a parameter. */
const floats = new Float32Array(1);
const integers = new Int32Array(floats.buffer);
const bitsOf = new Uint32Array(floats.buffer);

/**
 * Writes the recurrence that is the Node at `place`; `values` are those that its sources show. Each turn dispatches the
 * same shaders as the one before; only their parameters differ, which tell where this turn's rows begin. What the body
 * keeps for itself lies in the working memory.
 */
export function writeRecurrence(
  place: number,
  values: readonly number[],
  nodes: readonly ProgramNode[],
  { schedule, dispatches, layout }: BodyPlan,
): Dispatch[] {
  const { steps, starts, reads, writes } = recurringOf(nodes[place]!);
  const { program } = schedule;
  const bytesOf = (value: number): number => sizeOf(nodes[value]!.shape) * itemSize[nodes[value]!.dtype];
  const numbers = values.slice(values.length - program.scalars.length);
  const rowIn = ({ src, offset, stride }: Row, turn: number): Word => {
    const value = src < 0 ? place : values[src]!;
    return { kind: "address", value, offset: (offset + turn * stride) * itemSize[nodes[value]!.dtype] };
  };
  const number = (value: number, word: Word & { readonly kind: "number" }): Word => {
    const { attrs } = nodes[value]!;
    if (attrs.length === 0) return { ...word, node: value };
    // One that came with lowering has its number with it.
    if (word.dtype === "float32") floats[0] = attrs[0]!;
    else integers[0] = attrs[0]!;
    return { kind: "bits", bits: bitsOf[0]! };
  };
  const moved = (word: Word, turn: number): Word => {
    switch (word.kind) {
      case "address": {
        const location = layout.locations.get(word.value)!;
        if (location.kind === "arena") return { kind: "scratch", offset: location.offset + (word.offset ?? 0) };
        const row = location.kind === "input" ? reads[location.input]! : writes[location.output]!;
        const at = rowIn(row, turn) as Word & { readonly kind: "address" };
        return { ...at, offset: at.offset! + (word.offset ?? 0) };
      }
      case "scratch":
        return { kind: "scratch", offset: layout.scratch + (word.offset ?? 0) };
      case "number":
        return number(numbers[program.scalars.indexOf(word.node)]!, word);
      default:
        return word;
    }
  };
  const copies = starts.map(({ src, offset }) => {
    const value = values[src]!;
    const { dtype } = nodes[value]!;
    return writeCopy(value, place, offset * itemSize[dtype], bytesOf(value) / 4, "first state");
  });
  const turns = Array.from({ length: steps }, (_, turn) =>
    dispatches.list.map((dispatch) => ({ ...dispatch, words: dispatch.words.map((word) => moved(word, turn)) })),
  );
  return [...copies.filter(({ workgroups }) => workgroups[0] > 0), ...turns.flat()];
}
