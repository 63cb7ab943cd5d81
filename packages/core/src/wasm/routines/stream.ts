import type { ModuleBuilder, ValueType } from "../assembler.js";
import { readField, tableAt } from "./descriptor-access.js";
import { clear, type Lanes, multiplyAdd } from "./lanes.js";
import { advance, advanceBy, countDown, loadAt, sum, times } from "./loops.js";
import { matrixParams } from "./matrix.js";

/**
 * Defines stream(p, pOuter, pDepths, q, qDepths, columns, c, pStride, depth, accumulate): `rows` rows of p times q,
 * whose columns are neighbours and are read where they lie, 32 at a time over all rows (for 4 lanes).
 */
function defineStream(module: ModuleBuilder, lanes: Lanes, rows: number): number {
  const { count, element, size, type } = lanes;
  return module.define(null, Array<ValueType>(10).fill("i32"), [], (code) => {
    const [p, pOuter, pDepths, q, qDepths, columns, c, pStride, depth, accumulate] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ] as const;
    const pRows = Array.from({ length: rows }, () => code.local("i32"));
    const [left, at, pOffset, qAt, place] = [
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
      code.local("i32"),
    ];
    const xs = pRows.map(() => code.local(type));
    const most = 8 / rows;
    const y = code.local(type);
    const all = pRows.map(() => Array.from({ length: most }, () => code.local(type)));

    /** While there are as many columns, `vectors` of them at a time; or one, in the first lane. */
    const tile = (vectors: number, load: Lanes["load"], width: number): void => {
      const sums = all.map((row) => row.slice(0, vectors));
      code.block((out) => {
        code.loop((again) => {
          code.get(columns).i32(width).op("i32.lt_s").brIf(out);
          for (const each of sums.flat()) clear(code, lanes, each);
          code.i32(0).set(at);
          code.get(depth).set(left);
          countDown(code, left, () => {
            sum(code, pDepths, at).memory("i32.load").set(pOffset);
            code.get(q);
            sum(code, qDepths, at).memory("i32.load").op("i32.add").set(qAt);
            for (const [r, x] of xs.entries()) sum(code, pRows[r]!, pOffset).memory(lanes.splat).set(x);
            for (let v = 0; v < vectors; v++) {
              loadAt(code, load, qAt, v * count * size).set(y);
              for (const [r, x] of xs.entries()) multiplyAdd(code, lanes, x, y, sums[r]![v]!);
            }
            advance(code, at, 4);
          });
          code.get(c).set(place);
          for (const row of sums) {
            for (const [v, value] of row.entries()) {
              code.get(accumulate).if(() => {
                loadAt(code.get(value), load, place, v * count * size);
                code.op(lanes.add).set(value);
              });
              code.get(place);
              if (width === 1) lanes.extract(code.get(value), 0);
              else code.get(value);
              code.memory(width === 1 ? element.store : lanes.store, v * count * size);
            }
            advanceBy(code, place, pStride);
          }
          advance(code, q, width * size);
          advance(code, c, width * size);
          advance(code, columns, -width);
          code.br(again);
        });
      });
    };

    for (const [r, row] of pRows.entries()) {
      loadAt(code.get(p), "i32.load", pOuter, 4 * r);
      code.op("i32.add").set(row);
    }
    tile(most, lanes.load, most * count);
    if (most * count > 1 && count > 1) tile(1, lanes.load, count);
    tile(1, lanes.first, 1);
  });
}

/**
 * Defines the product of one matrix whose A has one or two rows, by reading B once as it lies: its columns must be
 * neighbours. Or, with more rows and one column, the same of the transposed product: then the rows of A and of C must be neighbours.
 */
export function defineStreamed(module: ModuleBuilder, lanes: Lanes): number {
  const one = defineStream(module, lanes, 1);
  const two = defineStream(module, lanes, 2);
  return module.define(null, matrixParams, [], (code) => {
    const [descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
    const [first, target] = [code.local("i32"), code.local("i32")];
    const rest = (): void => {
      readField(code, descriptor, "rowStride");
      readField(code, descriptor, "k");
      readField(code, descriptor, "accumulate");
    };
    code.get(c).get(rowFrom);
    readField(code, descriptor, "rowStride").op("i32.mul").op("i32.add");
    times(code, columnFrom, lanes.size).op("i32.add").set(target);
    readField(code, descriptor, "m").i32(2).op("i32.gt_s");
    code.if(
      () => {
        code.get(b);
        tableAt(code, descriptor, "bColumns");
        tableAt(code, descriptor, "bDepth").get(a);
        tableAt(code, descriptor, "aRows", rowFrom).memory("i32.load").op("i32.add");
        tableAt(code, descriptor, "aDepth").get(rowTo).get(rowFrom).op("i32.sub").get(target);
        rest();
        code.call(one);
      },
      () => {
        code.get(b);
        tableAt(code, descriptor, "bColumns", columnFrom).memory("i32.load").op("i32.add").set(first);
        const rows = (kernel: number): void => {
          code.get(a);
          tableAt(code, descriptor, "aRows", rowFrom);
          tableAt(code, descriptor, "aDepth").get(first);
          tableAt(code, descriptor, "bDepth").get(columnTo).get(columnFrom).op("i32.sub").get(target);
          rest();
          code.call(kernel);
        };
        code.get(rowTo).get(rowFrom).op("i32.sub").i32(1).op("i32.eq");
        code.if(
          () => rows(one),
          () => rows(two),
        );
      },
    );
  });
}
