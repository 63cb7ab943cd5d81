import { affineKey, type LoopKernel, type Store } from "@downhill/core/compiler";
import { Expressions } from "../wgsl/expressions.js";
import { nothingFailed } from "../wgsl/failure.js";
import { Position } from "../wgsl/position.js";
import { bitsOf, isByte } from "../wgsl/values.js";
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

/** Writes a nest without reductions: a thread for each turn, or, where bytes are written one after another, for four. */
export function writeElementwise(kernel: LoopKernel, around: Surroundings, label: string): Dispatch[] {
  const sizes = kernel.loops.map((loop) => loop.size);
  const turns = sizes.reduce((all, size) => all * size, 1);
  const stores = [...kernel.body, ...kernel.tail];
  if (turns === 0 || stores.length === 0) return [];
  const own = affineKey({ offset: 0, strides: rowMajor(sizes), moving: [] });
  const fours = writeFours(kernel, stores, own, around, label);
  if (fours !== null) return [fours];
  const ofBytes = ({ place }: Store): boolean => isByte(around.dtypeOf(place.value));
  const bytes = stores.filter(ofBytes);
  const inOrder = bytes.every(({ place }) => affineKey(place.at) === own);
  const writer = new Writer(!inOrder);
  const unit = bytes.length > 0 && inOrder ? 4 : 1;
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
    const packed = new Map(bytes.map((store) => [store, writer.name("b")]));
    for (const name of packed.values()) writer.line(`var ${name} = 0u;`);
    writer.line(`for (var u = 0u; u < 4u; u++) {`);
    const flat = writer.let(`${thread} * 4u + u`);
    if (turns % 4 !== 0) writer.line(`if (${flat} >= ${turns}u) { break; }`);
    const expressions = turn(flat);
    for (const [{ place, value }, name] of packed)
      writer.line(`${name} |= (${bitsOf(around.dtypeOf(place.value), expressions.of(value))}) << (u * 8u);`);
    expressions.write(stores.filter((store) => !packed.has(store)));
    writer.line("}");
    for (const [{ place }, name] of packed) {
      const isUpdate = around.overwrites(place.value);
      if (isUpdate) writer.line(`if (${nothingFailed(writer)}) {`);
      writer.store(`${writer.word({ kind: "address", value: place.value })} + ${thread}`, name);
      if (isUpdate) writer.line("}");
    }
  }
  const workgroups = [...spread(Math.ceil(count / threads)), 1] as const;
  return [{ label, code: writer.text(threads), workgroups, words: writer.words }];
}
