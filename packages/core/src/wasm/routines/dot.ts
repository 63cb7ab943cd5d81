import type { Code, ModuleBuilder, ValueType } from "../assembler.js";
import type { Field } from "./descriptor.js";
import { readField, tableAt } from "./descriptor-access.js";
import { addAcross, clear, type Lanes, multiplyAdd } from "./lanes.js";
import { advance, advanceBy, lesser, loadAt, plus, sum, times, upTo } from "./loops.js";
import { matrixParams } from "./matrix.js";

/**
 * Defines dots(p, pOuter, pDepths, pCount, q, qOuter, qDepths, qCount, c, pStride, qStride, depth, accumulate): the dot
 * products of pCount rows with qCount rows, `ps` by `qs` at a time. Both are read along their depth, a vector at a time.
 */
function defineDots(module: ModuleBuilder, lanes: Lanes, ps: number, qs: number): number {
  const { count, element, type } = lanes;
  return module.define(null, Array<ValueType>(13).fill("i32"), [], (code) => {
    const [p, pOuter, pDepths, pCount, q, qOuter, qDepths, qCount] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
    const [c, pStride, qStride, depth, accumulate] = [8, 9, 10, 11, 12] as const;
    const pRows = Array.from({ length: ps }, () => code.local("i32"));
    const qRows = Array.from({ length: qs }, () => code.local("i32"));
    const [i, j, left, at] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [pOffset, qOffset, place] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const x = code.local(type);
    const ys = qRows.map(() => code.local(type));
    const sums = pRows.map(() => qRows.map(() => code.local(type)));
    const value = code.local(element.type);

    const rowsOf = (base: number, outer: number, index: number, rows: readonly number[]): void => {
      for (const [r, row] of rows.entries()) {
        code.get(base).get(outer).get(index).i32(2).op("i32.shl").op("i32.add");
        code
          .memory("i32.load", 4 * r)
          .op("i32.add")
          .set(row);
      }
    };
    /** One step along the depth: of a vector, or of one element in its first lane. */
    const step = (load: Lanes["load"], entries: number): void => {
      sum(code, pDepths, at).memory("i32.load").set(pOffset);
      sum(code, qDepths, at).memory("i32.load").set(qOffset);
      for (const [s, y] of ys.entries()) sum(code, qRows[s]!, qOffset).memory(load).set(y);
      for (const [r, row] of sums.entries()) {
        sum(code, pRows[r]!, pOffset).memory(load).set(x);
        for (const [s, y] of ys.entries()) multiplyAdd(code, lanes, x, y, row[s]!);
      }
      advance(code, at, 4 * entries);
    };
    const multiply = (): void => {
      for (const each of sums.flat()) clear(code, lanes, each);
      code.i32(0).set(at);
      code.get(depth).set(left);
      if (count > 1) {
        code.block((out) => {
          code.loop((again) => {
            plus(code.get(left), -count).tee(left).i32(0).op("i32.lt_s").brIf(out);
            step(lanes.load, count);
            code.br(again);
          });
        });
        advance(code, left, count);
      }
      code.block((out) => {
        code.loop((again) => {
          plus(code.get(left), -1).tee(left).i32(0).op("i32.lt_s").brIf(out);
          step(lanes.first, 1);
          code.br(again);
        });
      });
    };
    /** Stores the sums of one row of q: a lane for each row of p. */
    const keep = (s: number): void => {
      code.get(c).get(j);
      plus(code, s).get(qStride).op("i32.mul").op("i32.add");
      code.get(i).get(pStride).op("i32.mul").op("i32.add").set(place);
      code.block((done) => {
        if (s > 0) plus(code.get(j), s).get(qCount).op("i32.ge_s").brIf(done);
        for (let r = 0; r < ps; r += count) {
          const group = sums.slice(r, r + count).map((row) => row[s]!);
          addAcross(code, lanes, group);
          for (let lane = 0; lane < count; lane++) {
            if (r + lane > 0)
              plus(code.get(i), r + lane)
                .get(pCount)
                .op("i32.ge_s")
                .brIf(done);
            lanes.extract(code.get(group[0]!), lane);
            code.set(value).get(accumulate);
            code.if(() => loadAt(code.get(value), element.load, place).op(element.add).set(value));
            code.get(place).get(value).memory(element.store);
            advanceBy(code, place, pStride);
          }
        }
      });
    };

    upTo(code, i, pCount, ps, () => {
      rowsOf(p, pOuter, i, pRows);
      code.i32(0).set(j);
      upTo(code, j, qCount, qs, () => {
        rowsOf(q, qOuter, j, qRows);
        multiply();
        for (let s = 0; s < qs; s++) keep(s);
      });
    });
  });
}

/**
 * Defines the product of one matrix by dot products, without packing: where the depth is contiguous in both, and A has
 * few rows or B few columns.
 */
export function defineDot(module: ModuleBuilder, lanes: Lanes): number {
  const pairs = defineDots(module, lanes, 4, 2);
  const singles = defineDots(module, lanes, 8, 1);
  return module.define(null, matrixParams, [], (code) => {
    const [descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
    const [k0, k, depth, accumulate] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [depthBlock, rowStride, target] = [code.local("i32"), code.local("i32"), code.local("i32")];
    readField(code, descriptor, "k").set(k);
    readField(code, descriptor, "depthBlock").set(depthBlock);
    readField(code, descriptor, "rowStride").set(rowStride);
    readField(code, descriptor, "accumulate").set(accumulate);
    code.get(c).get(rowFrom).get(rowStride).op("i32.mul").op("i32.add");
    times(code, columnFrom, lanes.size).op("i32.add").set(target);

    const side = (base: number, outer: Field, depths: Field, from: number, to: number): void => {
      code.get(base);
      tableAt(code, descriptor, outer, from);
      tableAt(code, descriptor, depths, k0).get(to).get(from).op("i32.sub");
    };
    const rows = (): void => side(a, "aRows", "aDepth", rowFrom, rowTo);
    const columns = (): void => side(b, "bColumns", "bDepth", columnFrom, columnTo);
    const byRows = (kernel: number): void => {
      rows();
      columns();
      code.get(target).get(rowStride).i32(lanes.size).get(depth).get(accumulate).call(kernel);
    };
    const byColumns = (kernel: number): void => {
      columns();
      rows();
      code.get(target).i32(lanes.size).get(rowStride).get(depth).get(accumulate).call(kernel);
    };
    const either = (field: Field, by: (kernel: number) => void): Code =>
      readField(code, descriptor, field)
        .i32(1)
        .op("i32.eq")
        .if(
          () => by(singles),
          () => by(pairs),
        );
    upTo(code, k0, k, 0, () => {
      code.get(k).get(k0).op("i32.sub").set(depth);
      lesser(code, depth, depthBlock).set(depth);
      readField(code, descriptor, "m");
      readField(code, descriptor, "n").op("i32.ge_s");
      code.if(
        () => either("n", byRows),
        () => either("m", byColumns),
      );
      code.i32(1).set(accumulate);
      advanceBy(code, k0, depth);
    });
  });
}
