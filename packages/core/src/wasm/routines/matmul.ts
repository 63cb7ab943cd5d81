import type { ModuleBuilder, ValueType } from "../assembler.js";
import type { Path } from "./descriptor.js";
import type { Lanes } from "./lanes.js";
import { advanceBy, lesser, loadAt, upTo } from "./loops.js";
import { readField, tableAt } from "./descriptor-access.js";
import { defineDot } from "./dot.js";
import { defineStreamed } from "./stream.js";
import { defineTiled } from "./tiled.js";

/** descriptor, a, b, c, start, end, scratch */
export const matmulParams: readonly ValueType[] = Array<ValueType>(7).fill("i32");

/** How the product of two matrices is defined, by path. */
export const paths: Readonly<Record<Path, (module: ModuleBuilder, lanes: Lanes) => number>> = {
  tiled: defineTiled,
  dot: defineDot,
  stream: defineStreamed,
};

/**
 * Defines matmul_<dtype>_<path>(descriptor, a, b, c, start, end, scratch): rows start … end - 1 of C, counted through the
 * matrices of the batch. Where the rows are cut changes no bit of the result.
 */
export function defineMatmul(module: ModuleBuilder, lanes: Lanes, path: Path): void {
  const kernel = paths[path](module, lanes);
  module.define(`matmul_${lanes.dtype}_${path}`, matmulParams, [], (code) => {
    const [descriptor, a, b, c, start, end, scratch] = [0, 1, 2, 3, 4, 5, 6] as const;
    const [m, entry, from, to, rows] = [
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
    ];
    readField(code, descriptor, "m").set(m);
    upTo(code, start, end, 0, () => {
      tableAt(code, descriptor, "batches");
      code.get(start).get(m).op("i32.div_u").i32(12).op("i32.mul").op("i32.add").set(entry);
      code.get(start).get(m).op("i32.rem_u").tee(from).get(end).get(start).op("i32.sub").op("i32.add").set(to);
      lesser(code, to, m);
      code.tee(to).get(from).op("i32.sub").set(rows);
      readField(code, descriptor, "k").if(
        () => {
          code.get(descriptor);
          for (const [i, base] of [a, b, c].entries()) {
            loadAt(code.get(base), "i32.load", entry, 4 * i).op("i32.add");
          }
          code.get(from).get(to).i32(0);
          readField(code, descriptor, "n").get(scratch).call(kernel);
        },
        () => {
          // An empty sum.
          readField(code, descriptor, "accumulate")
            .op("i32.eqz")
            .if(() => {
              upTo(code, from, to, 1, () => {
                code.get(c).get(entry).memory("i32.load", 8).op("i32.add");
                readField(code.get(from), descriptor, "rowStride").op("i32.mul").op("i32.add");
                readField(code.i32(0), descriptor, "n").i32(lanes.size).op("i32.mul").fill();
              });
            });
        },
      );
      advanceBy(code, start, rows);
    });
  });
}
