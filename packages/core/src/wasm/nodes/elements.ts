import type { DType } from "../../dtype.js";
import type { Access, Code } from "../assembler.js";
import { advance } from "../routines/loops.js";

/** How one element is held and reached. */
export interface Element {
  readonly size: number;
  readonly type: "f32" | "f64" | "i32";
  readonly load: Access;
  readonly store: Access;
}

const word: Element = { size: 4, type: "i32", load: "i32.load", store: "i32.store" };
const byte: Element = { size: 1, type: "i32", load: "i32.load8_u", store: "i32.store8" };

const single: Element = { size: 4, type: "f32", load: "f32.load", store: "f32.store" };

export const elements: Readonly<Record<DType, Element>> = {
  float16: single,
  float32: single,
  float64: { size: 8, type: "f64", load: "f64.load", store: "f64.store" },
  int32: word,
  uint8: byte,
  bool: byte,
};

/** From this many bytes on, memory.copy is faster than a loop. */
const longRun = 512;
/** Up to this many moves are written out. */
const mostMoves = 8;

const moves: readonly { readonly bytes: number; readonly load: Access; readonly store: Access }[] = [
  { bytes: 16, load: "v128.load", store: "v128.store" },
  { bytes: 8, load: "i64.load", store: "i64.store" },
  { bytes: 4, load: "i32.load", store: "i32.store" },
  { bytes: 2, load: "i32.load16_u", store: "i32.store16" },
  { bytes: 1, load: "i32.load8_u", store: "i32.store8" },
];

/** Copies `count` neighbouring bytes between places that do not overlap. `to` and `from` are locals, left as they are. */
export function copyRun(code: Code, to: number, from: number, count: number, simd: boolean): void {
  if (count === 0) return;
  const { bytes, load, store } = moves.find((move) => move.bytes <= count && (simd || move.bytes < 16))!;
  const move = (target: number, source: number, offset: number): void => {
    code.get(target).get(source).memory(load, offset).memory(store, offset);
  };
  const whole = Math.floor(count / bytes);
  // What is left over at the end is copied together with some bytes before it.
  if (whole <= mostMoves) {
    for (let k = 0; k < whole; k++) move(to, from, k * bytes);
    if (count % bytes !== 0) move(to, from, count - bytes);
  } else if (count >= longRun) code.get(to).get(from).i32(count).copy();
  else {
    const [target, source, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
    code
      .get(to)
      .tee(target)
      .i32(whole * bytes)
      .op("i32.add")
      .set(end);
    code.get(from).set(source);
    code.loop((again) => {
      move(target, source, 0);
      advance(code, source, bytes);
      advance(code, target, bytes);
      code.get(target).get(end).op("i32.ne").brIf(again);
    });
    if (count % bytes !== 0) move(to, from, count - bytes);
  }
}

/** Sets `count` neighbouring elements to the value in a local. `to` is a local, left as it is. */
export function fillRun(code: Code, to: number, value: number, count: number, dtype: DType): void {
  const { size, type, store } = elements[dtype];
  if (count === 0) return;
  code.get(value);
  if (type === "f32") code.op("i32.reinterpret_f32").op("i32.eqz");
  else if (type === "f64") code.op("i64.reinterpret_f64").op("i64.eqz");
  else code.op("i32.eqz");
  code.if(
    () => {
      code
        .get(to)
        .i32(0)
        .i32(count * size)
        .fill();
    },
    () => {
      const [target, end] = [code.local("i32"), code.local("i32")];
      code
        .get(to)
        .tee(target)
        .i32(count * size)
        .op("i32.add")
        .set(end);
      code.loop((again) => {
        code.get(target).get(value).memory(store);
        advance(code, target, size);
        code.get(target).get(end).op("i32.ne").brIf(again);
      });
    },
  );
}
