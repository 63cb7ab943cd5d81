import type { ModuleBuilder } from "../assembler.js";
import { type Field, panelRows } from "./descriptor.js";
import { readField, tableAt } from "./descriptor-access.js";
import type { Lanes } from "./lanes.js";
import { advanceBy, lesser, loadAt, plus, sum, times, upTo } from "./loops.js";
import { matrixParams } from "./matrix.js";
import { definePanel } from "./micro-kernel.js";
import { definePack, neighbours } from "./pack.js";

/** Defines spread(from, fromStride, to, toStride, rows, columns, accumulate): the last columns of C, from a tile. */
function defineSpread(module: ModuleBuilder, { element, size }: Lanes): number {
  return module.define(null, ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => {
    const [from, fromStride, to, toStride, rows, columns, accumulate] = [0, 1, 2, 3, 4, 5, 6] as const;
    const [row, at, bytes] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const value = code.local(element.type);
    times(code, columns, size).set(bytes);
    upTo(code, row, rows, 1, () => {
      code.i32(0).set(at);
      upTo(code, at, bytes, size, () => {
        sum(code, from, at).memory(element.load).set(value);
        code.get(accumulate).if(() => {
          sum(code, to, at).memory(element.load).get(value).op(element.add).set(value);
        });
        sum(code, to, at).get(value).memory(element.store);
      });
      advanceBy(code, from, fromStride);
      advanceBy(code, to, toStride);
    });
  });
}

/**
 * Defines the product of one matrix by packed panels (Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008): a block of A stays in the second-level cache, a panel of B in the first, a tile of C in
 * registers. Each element of C is a sum along k in blocks of fixed length, whatever the rows and columns asked for.
 */
export function defineTiled(module: ModuleBuilder, lanes: Lanes): number {
  const { size, count } = lanes;
  const wide = 2 * count;
  const pack = definePack(module, lanes);
  const spread = defineSpread(module, lanes);
  const panels = [
    { rows: 2 * panelRows, vectors: 1 },
    { rows: panelRows, vectors: 2 },
  ].map((tile) => ({
    packed: definePanel(module, lanes, tile, false),
    direct: definePanel(module, lanes, tile, true),
  }));
  return module.define(null, matrixParams, [], (code) => {
    const [descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
    const field = (name: Field): number => {
      const into = code.local("i32");
      readField(code, descriptor, name).set(into);
      return into;
    };
    const k = field("k");
    const rowStride = field("rowStride");
    const depthBlock = field("depthBlock");
    const rowBlock = field("rowBlock");
    const columnBlock = field("columnBlock");
    const direct = field("direct");
    const accumulate = field("accumulate");
    const bPack = field("bPack");
    const tile = field("tile");
    const [column, columnEnd, k0, depth] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [row, rowEnd, rows, width] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [i, j, to, target] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [panel, panelStep, columns] = [code.local("i32"), code.local("i32"), code.local("i32")];

    const packA = (): void => {
      code.get(scratch).set(to).get(row).set(i);
      upTo(code, i, rowEnd, panelRows, () => {
        for (let part = 0; part < panelRows; part += count) {
          plus(code.get(to), part * size);
          code.i32(panelRows * size).get(a);
          plus(tableAt(code, descriptor, "aRows", i), 4 * part);
          tableAt(code, descriptor, "aDepth", k0).get(depth).call(pack);
        }
        times(code.get(to), depth, panelRows * size)
          .op("i32.add")
          .set(to);
      });
    };
    const packB = (vectors: number): void => {
      for (let part = 0; part < vectors; part++) {
        plus(code.get(panel), part * count * size);
        code.i32(vectors * count * size).get(b);
        plus(code.get(columns), 4 * part * count);
        tableAt(code, descriptor, "bDepth", k0).get(depth).call(pack);
      }
    };
    /** Multiplies by one panel of B, packed now or before; its last columns may be missing. */
    const multiplyPacked = (vectors: number): void => {
      const { packed } = panels[vectors - 1]!;
      const full = vectors * count;
      code.get(row).get(rowFrom).op("i32.eq");
      code.if(() => packB(vectors));
      code.get(width).i32(full).op("i32.lt_s");
      code.if(
        () => {
          code
            .get(scratch)
            .get(panel)
            .get(tile)
            .i32(full * size);
          code.get(depth).get(rows).i32(0).call(packed);
          code.get(tile).i32(full * size);
          code.get(target).get(rowStride).get(rows).get(width).get(accumulate).call(spread);
        },
        () => {
          code.get(scratch).get(panel);
          code.get(target).get(rowStride).get(depth).get(rows).get(accumulate).call(packed);
        },
      );
    };
    /** Multiplies by one panel of B: where it lies, if each vector's columns are neighbours there. */
    const multiply = (vectors: number): void => {
      code.block((done) => {
        code.get(direct).if(() => {
          neighbours(code, lanes, columns, 0);
          if (vectors > 1) neighbours(code, lanes, columns, 4 * count).op("i32.and");
          code.if(() => {
            code.get(scratch).get(b);
            loadAt(code, "i32.load", columns).op("i32.add");
            code.get(target).get(rowStride).get(depth).get(rows).get(accumulate).get(b);
            loadAt(code, "i32.load", columns, 4 * count).op("i32.add");
            tableAt(code, descriptor, "bDepth", k0).call(panels[vectors - 1]!.direct);
            code.br(done);
          });
        });
        multiplyPacked(vectors);
      });
    };
    const multiplyRows = (): void => {
      sum(code, row, rowBlock).set(rowEnd);
      lesser(code, rowEnd, rowTo).tee(rowEnd).get(row).op("i32.sub").set(rows);
      packA();
      sum(code, scratch, bPack).set(panel).get(column).set(j);
      upTo(code, j, columnEnd, wide, () => {
        tableAt(code, descriptor, "bColumns", j).set(columns);
        code.get(c).get(row).get(rowStride).op("i32.mul").op("i32.add");
        times(code, j, size).op("i32.add").set(target);
        code.get(columnEnd).get(j).op("i32.sub").tee(width).i32(count).op("i32.gt_s");
        code.if(
          () => multiply(2),
          () => multiply(1),
        );
        advanceBy(code, panel, panelStep);
      });
      code.get(rowEnd).set(row);
    };

    advanceBy(code, tile, scratch);
    code.get(columnFrom).set(column);
    upTo(code, column, columnTo, 0, () => {
      sum(code, column, columnBlock).set(columnEnd);
      lesser(code, columnEnd, columnTo).set(columnEnd);
      code.i32(0).set(k0);
      readField(code, descriptor, "accumulate").set(accumulate);
      upTo(code, k0, k, 0, () => {
        code.get(k).get(k0).op("i32.sub").set(depth);
        lesser(code, depth, depthBlock).set(depth);
        // With one block of rows each panel is used up at once, so all have one place; else they are kept.
        times(code, depth, wide * size).i32(0);
        code.get(rowTo).get(rowFrom).op("i32.sub").get(rowBlock).op("i32.gt_s").op("select").set(panelStep);
        code.get(rowFrom).set(row);
        upTo(code, row, rowTo, 0, multiplyRows);
        code.i32(1).set(accumulate);
        advanceBy(code, k0, depth);
      });
      code.get(columnEnd).set(column);
    });
  });
}
