import { broadcastStrides } from "../../reference/kernel.js";
import { sizeOf, stridesOf } from "../../shape.js";
import { copyRun, elements } from "./elements.js";
import { loadIndex, varyingDims } from "./index-check.js";
import type { NodeWriter } from "./node-writer.js";
import { cutRun, planWalk, writeWalk } from "./walk.js";

/** attrs [dim, wrap, caller, named, ...shape]: out[i][j] = x[index[i][j]][j] for dim 0. */
export const writeGather: NodeWriter = (code, node, [x, index], { out, sources, refuse, simd }) => {
  const { shape, dtype } = node;
  if (sizeOf(shape) === 0) return;
  const { size } = elements[dtype];
  const [dim, wrap] = node.attrs as [number, number];
  const strides = stridesOf(x!.shape);
  const to = stridesOf(shape).map((stride) => stride * size);
  const from = strides.with(dim, 0).map((stride) => stride * size);
  const at = broadcastStrides(index!.shape, shape).map((stride) => stride * 4);
  const cut = varyingDims(at);
  const outer = planWalk(
    shape.slice(0, cut),
    [to, from, at].map((own) => own.slice(0, cut)),
  );
  // What one index gives.
  const inner = planWalk(
    shape.slice(cut),
    [to, from].map((own) => own.slice(cut)),
  );
  const { count, rest } = cutRun(inner, size);
  const [base, places] = [sources[0]!.local, sources[1]!.local];
  const [place, source] = [code.local("i32"), code.local("i32")];
  writeWalk(code, outer, [out, base, places], () => {
    loadIndex(code, places, place, x!.shape[dim]!, wrap === 1, refuse);
    code
      .get(base)
      .get(place)
      .i32(strides[dim]! * size)
      .op("i32.mul")
      .op("i32.add")
      .set(source);
    let target = out;
    if (rest.sizes.length > 0) code.get(out).set((target = code.local("i32")));
    writeWalk(code, rest, [target, source], () => {
      copyRun(code, target, source, count * size, simd);
    });
  });
};
