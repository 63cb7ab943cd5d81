import { type ModuleBuilder } from "../assembler.js";
import { clear, type Lanes, multiplyAdd } from "./lanes.js";
import { advance, advanceBy, countDown } from "./loops.js";
import { panelRows } from "./descriptor.js";

/** The size of a tile of C that is kept in registers. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/**
 * Defines panel(a, b, bStep, c, rowStride, depth, rows, accumulate): the columns of one panel of B, for `rows` rows of C.
 * A lies packed in panels of 4 rows, [depth][4]; of B a row of the tile's vectors lies `bStep` bytes after the other.
 * Rows past the last are computed from whatever is there and not stored. depth is not 0.
 */
export function definePanel(module: ModuleBuilder, lanes: Lanes, tile: Tile): number {
  const { size, count, type, load, store } = lanes;
  const vectorBytes = size * count;
  return module.define(null, ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => {
    const [a, b, bStep, c, rowStride, depth, rows, accumulate] = [0, 1, 2, 3, 4, 5, 6, 7];
    const panels = tile.rows / panelRows;
    // One pointer per packed panel of A.
    const pointers = [a!, ...Array.from({ length: panels - 1 }, () => code.local("i32"))];
    const panelBytes = code.local("i32");
    const left = code.local("i32");
    const at = code.local("i32");
    const row = code.local("i32");
    const x = code.local(type);
    const ys = Array.from({ length: tile.vectors }, () => code.local(type));
    const sums = Array.from({ length: tile.rows }, () => ys.map(() => code.local(type)));

    code
      .get(depth!)
      .i32(panelRows * size)
      .op("i32.mul")
      .set(panelBytes);
    code.block((done) => {
      code.loop((again) => {
        code.get(rows!).i32(0).op("i32.le_s").brIf(done);
        for (let i = 1; i < panels; i++)
          code
            .get(pointers[i - 1]!)
            .get(panelBytes)
            .op("i32.add")
            .set(pointers[i]!);
        for (const sum of sums.flat()) clear(code, lanes, sum);
        code.get(b!).set(at);
        code.get(depth!).set(left);
        countDown(code, left, () => {
          for (const [j, y] of ys.entries())
            code
              .get(at)
              .memory(load, j * vectorBytes)
              .set(y);
          for (const [i, sum] of sums.entries()) {
            code
              .get(pointers[Math.floor(i / panelRows)]!)
              .memory(lanes.splat, size * (i % panelRows))
              .set(x);
            for (const [j, y] of ys.entries()) multiplyAdd(code, lanes, x, y, sum[j]!);
          }
          advanceBy(code, at, bStep!);
          for (const pointer of pointers) advance(code, pointer, panelRows * size);
        });
        // The last pointer stands at the next tile's panel.
        if (panels > 1) code.get(pointers[panels - 1]!).set(a!);
        code.get(c!).set(row);
        code.block((stored) => {
          for (const [i, sum] of sums.entries()) {
            if (i > 0) code.get(rows!).i32(i).op("i32.le_s").brIf(stored);
            code.get(accumulate!).if(() => {
              for (const [j, s] of sum.entries()) {
                code
                  .get(s)
                  .get(row)
                  .memory(load, j * vectorBytes)
                  .op(lanes.add)
                  .set(s);
              }
            });
            for (const [j, s] of sum.entries())
              code
                .get(row)
                .get(s)
                .memory(store, j * vectorBytes);
            advanceBy(code, row, rowStride!);
          }
        });
        code.get(row).set(c!);
        advance(code, rows!, -tile.rows);
        code.br(again);
      });
    });
  });
}
