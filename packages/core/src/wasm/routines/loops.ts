import { type Code } from "../assembler.js";

/** `local += bytes` */
export function advance(code: Code, local: number, bytes: number): void {
  code.get(local).i32(bytes).op("i32.add").set(local);
}

/** `local += other` */
export function advanceBy(code: Code, local: number, other: number): void {
  code.get(local).get(other).op("i32.add").set(local);
}

/** while (local < end) { body; local += step }; with step 0 the body moves on. */
export function upTo(code: Code, local: number, end: number, step: number, body: () => void): void {
  code.block((out) => {
    code.loop((again) => {
      code.get(local).get(end).op("i32.ge_s").brIf(out);
      body();
      if (step !== 0) advance(code, local, step);
      code.br(again);
    });
  });
}

/** do { body; local -= 1 } while (local != 0): the counter of a hot loop, at least 1 at first. */
export function countDown(code: Code, local: number, body: () => void): void {
  code.loop((again) => {
    body();
    code.get(local).i32(-1).op("i32.add").tee(local).brIf(again);
  });
}

/** Leaves the lesser of two values on the stack: locals `x` and `y`, signed. */
export function lesser(code: Code, x: number, y: number): void {
  code.get(x).get(y).get(x).get(y).op("i32.lt_s").op("select");
}
