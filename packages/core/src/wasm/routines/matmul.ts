import type { ModuleBuilder, ValueType } from "../assembler.js";
import type { Lanes } from "./lanes.js";
import { advanceBy, lesser, loadAt, upTo } from "./loops.js";
import { readField, tableAt } from "./descriptor-access.js";
import { defineDot } from "./dot.js";
import { defineStreamed } from "./stream.js";
import { defineTiled } from "./tiled.js";

/** descriptor, a, b, c, start, end, scratch */
export const matmulParams: readonly ValueType[] = Array<ValueType>(7).fill("i32");

/**
 * Defines matmul_<dtype>(descriptor, a, b, c, start, end, scratch): rows start … end - 1 of C, counted through the
 * matrices of the batch. Where the rows are cut changes no bit of the result.
 */
export function defineMatmul(module: ModuleBuilder, lanes: Lanes): void {
  // In the order of their numbers in `paths`.
  const kernels = [defineTiled(module, lanes), defineDot(module, lanes), defineStreamed(module, lanes)];
  module.define(`matmul_${lanes.dtype}`, matmulParams, [], (code) => {
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
          for (const [number, kernel] of kernels.entries()) {
            readField(code, descriptor, "path").i32(number).op("i32.eq");
            code.if(() => {
              code.get(descriptor);
              for (const [i, base] of [a, b, c].entries()) {
                loadAt(code.get(base), "i32.load", entry, 4 * i).op("i32.add");
              }
              code.get(from).get(to).i32(0);
              readField(code, descriptor, "n").get(scratch).call(kernel);
            });
          }
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
