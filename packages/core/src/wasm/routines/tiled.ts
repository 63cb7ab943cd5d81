import { type Code, type ModuleBuilder, type ValueType } from "../assembler.js";
import { type Field, fields, panelRows } from "./descriptor.js";
import { type Lanes } from "./lanes.js";
import { advanceBy, lesser, upTo } from "./loops.js";
import { definePanel } from "./micro-kernel.js";
import { definePack } from "./pack.js";

/** What one matrix needs: descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo, scratch. */
export const matrixParams: readonly ValueType[] = Array<ValueType>(9).fill("i32");

/** Pushes a field of the descriptor, whose address is in a local. */
export const readField = (code: Code, descriptor: number, field: Field): Code =>
  code.get(descriptor).memory("i32.load", fields[field]);

/** Pushes the address of a table, or of its entry `index` (a local). */
export function tableAt(code: Code, descriptor: number, field: Field, index?: number): Code {
  readField(code.get(descriptor), descriptor, field).op("i32.add");
  return index === undefined ? code : code.get(index).i32(2).op("i32.shl").op("i32.add");
}

/** Defines spread(from, fromStride, to, toStride, rows, columns, accumulate): the last columns of C, from a tile. */
function defineSpread(module: ModuleBuilder, { element, size }: Lanes): number {
  return module.define(null, ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => {
    const [from, fromStride, to, toStride, rows, columns, accumulate] = [0, 1, 2, 3, 4, 5, 6] as const;
    const row = code.local("i32");
    const at = code.local("i32");
    const bytes = code.local("i32");
    const value = code.local(element.type);
    code.get(columns).i32(size).op("i32.mul").set(bytes);
    upTo(code, row, rows, 1, () => {
      code.i32(0).set(at);
      upTo(code, at, bytes, size, () => {
        code.get(from).get(at).op("i32.add").memory(element.load).set(value);
        code.get(accumulate).if(() => {
          code.get(to).get(at).op("i32.add").memory(element.load).get(value).op(element.add).set(value);
        });
        code.get(to).get(at).op("i32.add").get(value).memory(element.store);
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
  const widePanel = definePanel(module, lanes, { rows: panelRows, vectors: 2 });
  const narrowPanel = definePanel(module, lanes, { rows: 2 * panelRows, vectors: 1 });
  return module.define(null, matrixParams, [], (code) => {
    const [descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
    const local = (): number => code.local("i32");
    const field = (name: Field): number => {
      const into = local();
      readField(code, descriptor, name).set(into);
      return into;
    };
    const k = field("k");
    const rowStride = field("rowStride");
    const depthBlock = field("depthBlock");
    const rowBlock = field("rowBlock");
    const columnBlock = field("columnBlock");
    const [bStart, tile] = [local(), local()];
    readField(code.get(scratch), descriptor, "bPack").op("i32.add").set(bStart);
    readField(code.get(scratch), descriptor, "tile").op("i32.add").set(tile);
    const [column0, columnEnd, k0, depth, row0, rowEnd, rows] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const [i, j, to, panel, accumulate, width, panelStep] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];

    const packA = (): void => {
      code.get(scratch).set(to).get(row0).set(i);
      upTo(code, i, rowEnd, panelRows, () => {
        for (let part = 0; part < panelRows; part += count) {
          code
            .get(to)
            .i32(part * size)
            .op("i32.add")
            .i32(panelRows * size)
            .get(a);
          tableAt(code, descriptor, "aRows", i)
            .i32(4 * part)
            .op("i32.add");
          tableAt(code, descriptor, "aDepth", k0).get(depth).call(pack);
        }
        code
          .get(to)
          .get(depth)
          .i32(panelRows * size)
          .op("i32.mul")
          .op("i32.add")
          .set(to);
      });
    };
    const packB = (vectors: number): void => {
      for (let part = 0; part < vectors; part++) {
        code
          .get(panel)
          .i32(part * count * size)
          .op("i32.add")
          .i32(vectors * count * size)
          .get(b);
        tableAt(code, descriptor, "bColumns", j)
          .i32(4 * part * count)
          .op("i32.add");
        tableAt(code, descriptor, "bDepth", k0).get(depth).call(pack);
      }
    };
    /** Pushes where column j of C begins in this block of rows. */
    const target = (): Code =>
      code.get(c).get(row0).get(rowStride).op("i32.mul").op("i32.add").get(j).i32(size).op("i32.mul").op("i32.add");
    /** Multiplies a panel of B, packed now or before; its last columns may be missing. */
    const multiply = (vectors: number): void => {
      const kernel = vectors === 2 ? widePanel : narrowPanel;
      const full = vectors * count;
      code
        .get(row0)
        .get(rowFrom)
        .op("i32.eq")
        .if(() => packB(vectors));
      code
        .get(width)
        .i32(full)
        .op("i32.ge_s")
        .if(
          () => {
            code
              .get(scratch)
              .get(panel)
              .i32(full * size);
            target().get(rowStride).get(depth).get(rows).get(accumulate).call(kernel);
          },
          () => {
            code
              .get(scratch)
              .get(panel)
              .i32(full * size);
            code
              .get(tile)
              .i32(full * size)
              .get(depth)
              .get(rows)
              .i32(0)
              .call(kernel);
            code.get(tile).i32(full * size);
            target().get(rowStride).get(rows).get(width).get(accumulate).call(spread);
          },
        );
    };

    code.get(columnFrom).set(column0);
    const column = (): void => {
      code.get(column0).get(columnBlock).op("i32.add").set(columnEnd);
      lesser(code, columnEnd, columnTo);
      code.set(columnEnd).i32(0).set(k0);
      readField(code, descriptor, "accumulate").set(accumulate);
      upTo(code, k0, k, 0, () => {
        code.get(k).get(k0).op("i32.sub").set(depth);
        lesser(code, depth, depthBlock);
        code.set(depth);
        // With one block of rows each panel is used up at once, so all have one place; else they are kept.
        code
          .get(depth)
          .i32(wide * size)
          .op("i32.mul")
          .i32(0);
        code.get(rowTo).get(rowFrom).op("i32.sub").get(rowBlock).op("i32.gt_s").op("select").set(panelStep);
        code.get(rowFrom).set(row0);
        upTo(code, row0, rowTo, 0, () => {
          code.get(row0).get(rowBlock).op("i32.add").set(rowEnd);
          lesser(code, rowEnd, rowTo);
          code.tee(rowEnd).get(row0).op("i32.sub").set(rows);
          packA();
          code.get(bStart).set(panel).get(column0).set(j);
          upTo(code, j, columnEnd, wide, () => {
            code.get(columnEnd).get(j).op("i32.sub").tee(width).i32(count).op("i32.gt_s");
            code.if(
              () => multiply(2),
              () => multiply(1),
            );
            advanceBy(code, panel, panelStep);
          });
          code.get(rowEnd).set(row0);
        });
        code.i32(1).set(accumulate);
        advanceBy(code, k0, depth);
      });
      code.get(columnEnd).set(column0);
    };
    upTo(code, column0, columnTo, 0, column);
  });
}
