import type { Code } from "../assembler.js";

/** Takes an index from the stack and has the host throw. */
export type Refuse = (code: Code) => void;

/** Loads the index at the address in `at` into `place`, and makes it one of 0 … size - 1, or refuses it. */
export function loadIndex(code: Code, at: number, place: number, size: number, wraps: boolean, refuse: Refuse): void {
  code.get(at).memory("i32.load").set(place);
  if (wraps) {
    // place + (place < 0 ? size : 0)
    code.get(place).get(place).i32(31).op("i32.shr_s").i32(size).op("i32.and").op("i32.add").set(place);
  }
  code.get(place).i32(size).op("i32.ge_u");
  code.if(() => {
    code.get(at).memory("i32.load");
    refuse(code);
  });
}

/** How many of the first dims an index that is read with these strides varies along, with those between them. */
export const varyingDims = (strides: readonly number[]): number => strides.findLastIndex((stride) => stride !== 0) + 1;
