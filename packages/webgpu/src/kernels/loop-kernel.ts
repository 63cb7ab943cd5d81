import { affineKey, type LoopKernel, type Store } from "@downhill/core/compiler";
import { Expressions } from "../wgsl/expressions.js";
import { nothingFailed } from "../wgsl/failure.js";
import { Position } from "../wgsl/position.js";
import { bitsOf, isNarrow, perWord } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import { writeFours } from "./elementwise-fours.js";
import type { Surroundings } from "./surroundings.js";

const threads = 256;

/** Strides of a row-major tensor of these sizes. */
function rowMajor(sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length);
  let stride = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= sizes[i]!;
  }
  return strides;
}

/** Writes a nest without reductions: a thread for each turn, or, where what is narrower than a word is written in order, for those of a word. */
export function writeElementwise(kernel: LoopKernel, around: Surroundings, label: string): Dispatch[] {
  const sizes = kernel.loops.map((loop) => loop.size);
  const turns = sizes.reduce((all, size) => all * size, 1);
  const stores = [...kernel.body, ...kernel.tail];
  if (turns === 0 || stores.length === 0) return [];
  const own = affineKey({ offset: 0, strides: rowMajor(sizes), moving: [] });
  const fours = writeFours(kernel, stores, own, around, label);
  if (fours !== null) return [fours];
  const together = ({ place }: Store): number => perWord(around.dtypeOf(place.value));
  const narrow = stores.filter(({ place }) => isNarrow(around.dtypeOf(place.value)));
  const inOrder = narrow.every(({ place }) => affineKey(place.at) === own);
  const writer = new Writer(!inOrder);
  const unit = inOrder ? Math.max(1, ...narrow.map(together)) : 1;
  const count = Math.ceil(turns / unit);
  const thread = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${thread} >= ${count}u) { return; }`);
  const loops = sizes.map((_, i) => i);
  const turn = (flat: string): Expressions => {
    writer.turn = flat;
    return new Expressions(writer, around, new Position(writer, [{ loops, sizes, flat }]));
  };
  if (unit === 1) {
    turn(thread).write(stores);
  } else {
    // Beside bytes, float16 has two words.
    const packed = new Map(narrow.map((store) => [store, writer.name("b")]));
    for (const [store, name] of packed) writer.line(`var ${name}: array<u32, ${unit / together(store)}>;`);
    writer.line(`for (var u = 0u; u < ${unit}u; u++) {`);
    const flat = writer.let(`${thread} * ${unit}u + u`);
    if (turns % 4 !== 0) writer.line(`if (${flat} >= ${turns}u) { break; }`);
    const expressions = turn(flat);
    for (const [store, name] of packed) {
      const bits = bitsOf(writer, around.dtypeOf(store.place.value), expressions.of(store.value));
      const count = together(store);
      writer.line(`${name}[u / ${count}u] |= (${bits}) << (u % ${count}u * ${32 / count}u);`);
    }
    expressions.write(stores.filter((store) => !packed.has(store)));
    writer.line("}");
    for (const [store, name] of packed) {
      const { value } = store.place;
      const isUpdate = around.overwrites(value);
      if (isUpdate) writer.line(`if (${nothingFailed(writer)}) {`);
      const words = unit / together(store);
      for (let word = 0; word < words; word++) {
        const isLast = word > 0 && turns % unit !== 0;
        if (isLast) writer.line(`if (${thread} * ${unit}u + ${word * together(store)}u < ${turns}u) {`);
        writer.store(
          `${writer.word({ kind: "address", value })} + ${thread} * ${words}u + ${word}u`,
          `${name}[${word}]`,
        );
        if (isLast) writer.line("}");
      }
      if (isUpdate) writer.line("}");
    }
  }
  const workgroups = [...spread(Math.ceil(count / threads)), 1] as const;
  return [{ label, code: writer.text(threads), workgroups, words: writer.words }];
}
