import { type Code, type ModuleBuilder } from "../assembler.js";
import { type Lanes } from "./lanes.js";
import { advance, advanceBy, countDown } from "./loops.js";

/** 4×4 (or 2×2) elements: from one vector per outer index to one per depth. Vectors in locals; in place. */
function transpose(code: Code, lanes: Lanes, rows: readonly number[], spare: readonly number[]): void {
  const pick = (x: number, y: number, order: readonly number[], into: number): void => {
    const { size } = lanes;
    const bytes = order.flatMap((place) => Array.from({ length: size }, (_, i) => place * size + i));
    code.get(x).get(y);
    code.shuffle(...bytes).set(into);
  };
  if (lanes.count === 2) {
    pick(rows[0]!, rows[1]!, [0, 2], spare[0]!);
    pick(rows[0]!, rows[1]!, [1, 3], rows[1]!);
    code.get(spare[0]!).set(rows[0]!);
    return;
  }
  const [a, b, c, d] = rows as [number, number, number, number];
  const [s, t, u, v] = spare as [number, number, number, number];
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
  const { count, size, element, load, store, type } = lanes;
  return module.define(null, ["i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => {
    const [to, step, from, outer, depths, depth] = [0, 1, 2, 3, 4, 5];
    const starts = Array.from({ length: count }, () => code.local("i32"));
    const vectors = Array.from({ length: count }, () => code.local(type));
    const spare = Array.from({ length: count }, () => code.local(type));
    const offset = code.local("i32");
    for (const [i, start] of starts.entries()) {
      code
        .get(from!)
        .get(outer!)
        .memory("i32.load", 4 * i)
        .op("i32.add")
        .set(start);
    }
    /** One depth, element by element. */
    const each = (): void => {
      code.get(depths!).memory("i32.load").set(offset);
      for (const [i, start] of starts.entries()) {
        code
          .get(to!)
          .get(start)
          .get(offset)
          .op("i32.add")
          .memory(element.load)
          .memory(element.store, size * i);
      }
      advance(code, depths!, 4);
      advanceBy(code, to!, step!);
    };
    if (count > 1) {
      // Neighbours: one vector is one load.
      for (let i = 1; i < count; i++) {
        code
          .get(starts[i]!)
          .get(starts[0]!)
          .op("i32.sub")
          .i32(size * i)
          .op("i32.eq");
        if (i > 1) code.op("i32.and");
      }
      code.if(() => {
        countDown(code, depth!, () => {
          code.get(to!).get(starts[0]!).get(depths!).memory("i32.load").op("i32.add").memory(load).memory(store);
          advance(code, depths!, 4);
          advanceBy(code, to!, step!);
        });
        code.op("return");
      });
      // Neighbours along the depth: squares, transposed.
      code.block((out) => {
        code.loop((again) => {
          code.get(depth!).i32(count).op("i32.lt_s").brIf(out);
          code.get(depths!).memory("i32.load").set(offset);
          for (let i = 1; i < count; i++) {
            code
              .get(depths!)
              .memory("i32.load", 4 * i)
              .get(offset)
              .op("i32.sub")
              .i32(size * i)
              .op("i32.eq");
            if (i > 1) code.op("i32.and");
          }
          code.if(
            () => {
              for (const [i, start] of starts.entries()) {
                code.get(start).get(offset).op("i32.add").memory(load).set(vectors[i]!);
              }
              transpose(code, lanes, vectors, spare);
              for (const vector of vectors) {
                code.get(to!).get(vector).memory(store);
                advanceBy(code, to!, step!);
              }
              advance(code, depths!, 4 * count);
            },
            () => {
              for (let i = 0; i < count; i++) each();
            },
          );
          code.get(depth!).i32(count).op("i32.sub").tee(depth!).brIf(again);
        });
      });
      code
        .get(depth!)
        .op("i32.eqz")
        .if(() => code.op("return"));
    }
    countDown(code, depth!, each);
  });
}
