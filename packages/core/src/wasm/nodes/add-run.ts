import type { DType } from "../../dtype.js";
import type { Access, Code, Plain } from "../assembler.js";
import { advance, plus } from "../routines/loops.js";
import { elements } from "./elements.js";

const sums: Readonly<Record<DType, Plain>> = {
  float16: "f32.add",
  float32: "f32.add",
  float64: "f64.add",
  int32: "i32.add",
  uint8: "i32.add",
  bool: "i32.or",
};
const vectorSums: Readonly<Partial<Record<DType, Plain>>> = {
  float32: "f32x4.add",
  float64: "f64x2.add",
  int32: "i32x4.add",
};

/** Up to this many sums are written out. */
const mostSums = 8;

/** Adds `count` neighbouring elements to others, rounding to the dtype. `to` and `from` are locals, left as they are. */
export function addRun(code: Code, to: number, from: number, count: number, dtype: DType, simd: boolean): void {
  const { size, load, store } = elements[dtype];
  const vector = simd ? vectorSums[dtype] : undefined;
  const add = (sum: Plain, get: Access, put: Access, target: number, source: number, offset: number): void => {
    code.get(target);
    code.get(target).memory(get, offset).get(source).memory(get, offset).op(sum);
    code.memory(put, offset);
  };
  const inVectors = vector === undefined ? 0 : count - (count % (16 / size));
  const part = (
    elementsOf: number,
    bytes: number,
    start: number,
    one: (at: number, from: number, k: number) => void,
  ): void => {
    const turns = (elementsOf * size) / bytes;
    if (turns <= mostSums) {
      for (let k = 0; k < turns; k++) one(to, from, start + k * bytes);
      return;
    }
    const [target, source, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
    plus(code.get(to), start).tee(target);
    plus(code, turns * bytes).set(end);
    plus(code.get(from), start).set(source);
    code.loop((again) => {
      one(target, source, 0);
      advance(code, source, bytes);
      advance(code, target, bytes);
      code.get(target).get(end).op("i32.ne").brIf(again);
    });
  };
  if (vector !== undefined)
    part(inVectors, 16, 0, (target, source, offset) => {
      add(vector, "v128.load", "v128.store", target, source, offset);
    });
  part(count - inVectors, size, inVectors * size, (target, source, offset) => {
    add(sums[dtype], load, store, target, source, offset);
  });
}

/** Adds the value in a local to the element at an address. */
export function addOne(code: Code, to: number, value: number, dtype: DType): void {
  const { load, store } = elements[dtype];
  code.get(to).get(to).memory(load).get(value).op(sums[dtype]).memory(store);
}
