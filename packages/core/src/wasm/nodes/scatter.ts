import { broadcastStrides } from "../../reference/kernel.js";
import { broadcast, sizeOf, stridesOf } from "../../shape.js";
import { addOne, addRun } from "./add-run.js";
import { copyRun, elements, fillRun } from "./elements.js";
import { loadIndex, varyingDims } from "./index-check.js";
import type { NodeWriter } from "./node-writer.js";
import { cutRun, planWalk, writeWalk } from "./walk.js";

/**
 * attrs [dim, wrap, caller, named, adds, ...shape]: out = x; out[index[i][j]][j] = or += src[i][j] for dim 0, in order,
 * rounding each sum to the dtype.
 */
export const writeScatter: NodeWriter = (code, node, [x, index, src], { out, sources, refuse, simd }) => {
  const { shape, dtype, attrs } = node;
  const { size, store } = elements[dtype];
  const [dim, wrap] = attrs as [number, number];
  const adds = attrs[4] === 1;
  const [first, places, values] = [sources[0]!, sources[1]!.local, sources[2]!];
  const bytes = (strides: readonly number[]): number[] => strides.map((stride) => stride * size);
  const strides = stridesOf(shape);
  const base = code.local("i32");
  code.get(out).set(base);

  if (first.isNumber) fillRun(code, out, first.local, sizeOf(shape), dtype);
  else if (sizeOf(shape) > 0) {
    const walk = planWalk(shape, [bytes(strides), bytes(broadcastStrides(x!.shape, shape))]);
    const { count, rest } = cutRun(walk, size);
    writeWalk(code, rest, [out, first.local], () => {
      copyRun(code, out, first.local, count * size, simd);
    });
  }

  const turns = broadcast("scatter", index!.shape, src!.shape);
  if (sizeOf(turns) === 0) return;
  const to = bytes(strides.with(dim, 0));
  const at = broadcastStrides(index!.shape, turns).map((stride) => stride * 4);
  const from = values.isNumber ? [] : [bytes(broadcastStrides(src!.shape, turns))];
  const cut = varyingDims(at);
  const outer = planWalk(
    turns.slice(0, cut),
    [at, to, ...from].map((own) => own.slice(0, cut)),
  );
  // What goes to one index.
  const inner = planWalk(
    turns.slice(cut),
    [to, ...from].map((own) => own.slice(cut)),
  );
  const { count, rest } = values.isNumber ? { count: 1, rest: inner } : cutRun(inner, size);
  const [place, target] = [code.local("i32"), code.local("i32")];
  writeWalk(code, outer, values.isNumber ? [places, base] : [places, base, values.local], () => {
    loadIndex(code, places, place, shape[dim]!, wrap === 1, refuse);
    code
      .get(base)
      .get(place)
      .i32(strides[dim]! * size)
      .op("i32.mul")
      .op("i32.add")
      .set(target);
    let source = values.local;
    if (rest.sizes.length > 0 && !values.isNumber) code.get(values.local).set((source = code.local("i32")));
    writeWalk(code, rest, values.isNumber ? [target] : [target, source], () => {
      if (!values.isNumber) {
        if (adds) addRun(code, target, source, count, dtype, simd);
        else copyRun(code, target, source, count * size, simd);
      } else if (adds) addOne(code, target, source, dtype);
      else code.get(target).get(source).memory(store);
    });
  });
};
