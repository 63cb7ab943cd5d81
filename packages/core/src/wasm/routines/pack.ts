import type { Code, ModuleBuilder } from "../assembler.js";
import type { Lanes } from "./lanes.js";
import { advance, advanceBy, countDown, loadAt, plus, sum } from "./loops.js";

/** Pushes whether a vector's entries of a table, `offset` bytes past the address in a local, are of neighbours. */
export function neighbours(code: Code, { count, size }: Lanes, table: number, offset: number): Code {
  if (count === 1) return code.i32(1);
  for (let i = 1; i < count; i++) {
    loadAt(code, "i32.load", table, offset + 4 * i);
    loadAt(code, "i32.load", table, offset).op("i32.sub");
    code.i32(size * i).op("i32.eq");
    if (i > 1) code.op("i32.and");
  }
  return code;
}

/** 4×4 (or 2×2) elements: from one vector per outer index to one per depth, in place. */
function transpose(code: Code, { size, count }: Lanes, rows: readonly number[], spare: readonly number[]): void {
  const pick = (x: number, y: number, order: readonly number[], into: number): void => {
    const bytes = order.flatMap((place) => Array.from({ length: size }, (_, i) => place * size + i));
    code.get(x).get(y);
    code.shuffle(...bytes).set(into);
  };
  const [a, b, c, d] = rows as [number, number, number, number];
  const [s, t, u, v] = spare as [number, number, number, number];
  if (count === 2) {
    pick(a, b, [0, 2], s);
    pick(a, b, [1, 3], b);
    code.get(s).set(a);
    return;
  }
  pick(a, b, [0, 4, 1, 5], s);
  pick(a, b, [2, 6, 3, 7], t);
  pick(c, d, [0, 4, 1, 5], u);
  pick(c, d, [2, 6, 3, 7], v);
  pick(s, u, [0, 1, 4, 5], a);
  pick(s, u, [2, 3, 6, 7], b);
  pick(t, v, [0, 1, 4, 5], c);
  pick(t, v, [2, 3, 6, 7], d);
}

/**
 * Defines pack(to, step, from, outer, depths, depth): for each depth one vector, of the elements at
 * from + outer[0 … lanes - 1] + depths[·], to `to`, `step` bytes apart. `outer` and `depths` are tables; depth is not 0.
 */
export function definePack(module: ModuleBuilder, lanes: Lanes): number {
  const { count, element, load, size, store, type } = lanes;
  return module.define(null, ["i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => {
    const [to, step, from, outer, depths, depth] = [0, 1, 2, 3, 4, 5] as const;
    const starts = Array.from({ length: count }, () => code.local("i32"));
    const vectors = starts.map(() => code.local(type));
    const spare = starts.map(() => code.local(type));
    const offset = code.local("i32");

    /** One depth, element by element. */
    const gather = (): void => {
      loadAt(code, "i32.load", depths).set(offset);
      for (const [i, start] of starts.entries()) {
        sum(code.get(to), start, offset).memory(element.load);
        code.memory(element.store, size * i);
      }
      advance(code, depths, 4);
      advanceBy(code, to, step);
    };
    /** As many depths as a vector has lanes, when they are neighbours. */
    const square = (): void => {
      loadAt(code, "i32.load", depths).set(offset);
      for (const [i, start] of starts.entries()) sum(code, start, offset).memory(load).set(vectors[i]!);
      transpose(code, lanes, vectors, spare);
      for (const vector of vectors) {
        code.get(to).get(vector).memory(store);
        advanceBy(code, to, step);
      }
      advance(code, depths, 4 * count);
    };
    /** All depths, when the outer elements are neighbours. */
    const copy = (): void => {
      countDown(code, depth, () => {
        loadAt(code.get(to).get(starts[0]!), "i32.load", depths).op("i32.add");
        code.memory(load).memory(store);
        advance(code, depths, 4);
        advanceBy(code, to, step);
      });
      code.op("return");
    };

    for (const [i, start] of starts.entries()) {
      loadAt(code.get(from), "i32.load", outer, 4 * i);
      code.op("i32.add").set(start);
    }
    if (count > 1) {
      neighbours(code, lanes, outer, 0).if(copy);
      code.block((out) => {
        code.loop((again) => {
          code.get(depth).i32(count).op("i32.lt_s").brIf(out);
          neighbours(code, lanes, depths, 0).if(square, () => {
            for (let i = 0; i < count; i++) gather();
          });
          plus(code.get(depth), -count).set(depth);
          code.br(again);
        });
      });
      code
        .get(depth)
        .op("i32.eqz")
        .if(() => code.op("return"));
    }
    countDown(code, depth, gather);
  });
}
