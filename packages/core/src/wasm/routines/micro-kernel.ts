import type { ModuleBuilder, ValueType } from "../assembler.js";
import { panelRows } from "./descriptor.js";
import { clear, type Lanes, multiplyAdd } from "./lanes.js";
import { advance, advanceBy, countDown, loadAt, plus, sum, times } from "./loops.js";

/** The size of a tile of C that is kept in registers. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/**
 * Defines panel(a, b, c, rowStride, depth, rows, accumulate), which multiplies `rows` rows of A by one panel of B.
 * A lies packed in panels of 4 rows, [depth][4], and B in [depth][columns]. Or, `direct`, B lies where it is: two more
 * parameters, second and depths, are the address of the second vector's columns and the table of offsets along the depth.
 * Rows past the last are computed from whatever is there and not stored. depth is not 0.
 */
export function definePanel(module: ModuleBuilder, lanes: Lanes, tile: Tile, direct: boolean): number {
  const { size, type, load, store, splat } = lanes;
  const vectorBytes = size * lanes.count;
  const params = Array<ValueType>(direct ? 9 : 7).fill("i32");
  return module.define(null, params, [], (code) => {
    const [a, b, c, rowStride, depth, rows, accumulate, second, depths] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
    // One pointer per packed panel of A.
    const pointers: number[] = [a];
    while (pointers.length < tile.rows / panelRows) pointers.push(code.local("i32"));
    const [panelBytes, left, at, row] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const x = code.local(type);
    const ys = Array.from({ length: tile.vectors }, () => code.local(type));
    const sums = Array.from({ length: tile.rows }, () => ys.map(() => code.local(type)));

    const loadB = (): void => {
      for (const [j, y] of ys.entries()) {
        if (direct) {
          loadAt(code.get(j === 0 ? b : second), "i32.load", at);
          code.op("i32.add").memory(load).set(y);
        } else loadAt(code, load, at, j * vectorBytes).set(y);
      }
      advance(code, at, direct ? 4 : tile.vectors * vectorBytes);
    };
    const multiply = (): void => {
      for (const each of sums.flat()) clear(code, lanes, each);
      code.get(direct ? depths : b).set(at);
      code.get(depth).set(left);
      countDown(code, left, () => {
        loadB();
        for (const [i, row] of sums.entries()) {
          loadAt(code, splat, pointers[Math.floor(i / panelRows)]!, size * (i % panelRows)).set(x);
          for (const [j, y] of ys.entries()) multiplyAdd(code, lanes, x, y, row[j]!);
        }
        for (const pointer of pointers) advance(code, pointer, panelRows * size);
      });
    };
    const keep = (): void => {
      code.get(c).set(row);
      code.block((done) => {
        for (const [i, values] of sums.entries()) {
          if (i > 0) code.get(rows).i32(i).op("i32.le_s").brIf(done);
          code.get(accumulate).if(() => {
            for (const [j, value] of values.entries()) {
              loadAt(code.get(value), load, row, j * vectorBytes);
              code.op(lanes.add).set(value);
            }
          });
          for (const [j, value] of values.entries()) {
            code.get(row).get(value);
            code.memory(store, j * vectorBytes);
          }
          advanceBy(code, row, rowStride);
        }
      });
      code.get(row).set(c);
    };

    times(code, depth, panelRows * size).set(panelBytes);
    code.block((done) => {
      code.loop((again) => {
        code.get(rows).i32(0).op("i32.le_s").brIf(done);
        for (let i = 1; i < pointers.length; i++) sum(code, pointers[i - 1]!, panelBytes).set(pointers[i]!);
        multiply();
        keep();
        // The last pointer stands at the next tile's panel.
        if (pointers.length > 1) code.get(pointers.at(-1)!).set(a);
        plus(code.get(rows), -tile.rows).set(rows);
        code.br(again);
      });
    });
  });
}
