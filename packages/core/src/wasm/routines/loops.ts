import type { Access, Code } from "../assembler.js";

/** Adds a constant to the value on the stack. */
export function plus(code: Code, bytes: number): Code {
  return bytes === 0 ? code : code.i32(bytes).op("i32.add");
}

/** Pushes `x + y`, of two locals. */
export function sum(code: Code, x: number, y: number): Code {
  return code.get(x).get(y).op("i32.add");
}

/** Pushes `x · factor`, of a local. */
export function times(code: Code, x: number, factor: number): Code {
  return factor === 1 ? code.get(x) : code.get(x).i32(factor).op("i32.mul");
}

/** Pushes what lies `offset` bytes after the address in a local. */
export function loadAt(code: Code, access: Access, address: number, offset = 0): Code {
  return code.get(address).memory(access, offset);
}

/** `local += bytes` */
export function advance(code: Code, local: number, bytes: number): void {
  plus(code.get(local), bytes).set(local);
}

/** `local += other` */
export function advanceBy(code: Code, local: number, other: number): void {
  sum(code, local, other).set(local);
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
    plus(code.get(local), -1).tee(local).brIf(again);
  });
}

/** Pushes the lesser of two locals, signed. */
export function lesser(code: Code, x: number, y: number): Code {
  return code.get(x).get(y).get(x).get(y).op("i32.lt_s").op("select");
}
