import { sizeOf, stridesOf } from "../shape.js";
import { IndexError } from "../errors.js";
import type { OtherName } from "../program/vocabulary.js";
import { type Handler, places } from "./kernel.js";

/** Where each element of an index tensor stands in a tensor of `shape`, leaving out `dim`; and the stride along it. */
function along(shape: readonly number[], index: readonly number[], dim: number): { base: Int32Array | null; stride: number; size: number } {
  if (shape.length === 0) return { base: new Int32Array(sizeOf(index)), stride: 1, size: 1 };
  const strides = stridesOf(shape);
  return { base: places(index, strides.with(dim, 0)), stride: strides[dim]!, size: shape[dim]! };
}

function checked(name: string, i: number, size: number): number {
  if (i < 0 || i >= size) throw new IndexError(`${name}: index ${i} is out of range for size ${size}`, `indices run from 0 to ${size - 1}`);
  return i;
}

export const indexing: Record<Exclude<OtherName, "where" | "matmul">, Handler> = {
  // out[i][j] = x[index[i][j]][j] for dim 0
  gather: (node, [x, index]) => {
    const { base, stride, size } = along(x!.shape, index!.shape, node.attrs[0]!);
    return (out, [from, at]) => {
      for (let i = 0; i < out.length; i++) out[i] = from![(base === null ? i : base[i]!) + checked("gather", at![i]!, size) * stride]!;
    };
  },
  // attrs [dim, add]: out = x; out[index[i][j]][j] = or += src[i][j] for dim 0. src is read in the shape of index.
  scatter: (node, [x, index, src]) => {
    const { base, stride, size } = along(x!.shape, index!.shape, node.attrs[0]!);
    const order = src!.shape.length === 0 ? null : places(index!.shape, stridesOf(src!.shape));
    const adds = node.attrs[1] === 1;
    return (out, [from, at, values]) => {
      // Check every index before the first write.
      for (let i = 0; i < at!.length; i++) checked("scatter", at![i]!, size);
      const sums = Float64Array.from(from!);
      for (let i = 0; i < at!.length; i++) {
        const place = (base === null ? i : base[i]!) + at![i]! * stride;
        const value = values![order === null ? i : order[i]!]!;
        if (adds) sums[place]! += value;
        else sums[place] = value;
      }
      out.set(sums);
    };
  },
  cat: (node, srcs) => {
    const dim = node.attrs[0]!;
    const strides = stridesOf(node.shape);
    let start = 0;
    const maps = srcs.map((src) => {
      const map = places(src.shape, strides, start * strides[dim]!);
      start += src.shape[dim]!;
      return map;
    });
    return (out, parts) => {
      parts.forEach((part, k) => {
        const map = maps[k]!;
        for (let i = 0; i < part.length; i++) out[map === null ? i : map[i]!] = part[i]!;
      });
    };
  },
  // attrs [dim, descending]: places in sorted order, equal elements in their old order, NaN as the largest.
  argsort: (node, [x]) => {
    const dim = node.attrs[0]!;
    const descending = node.attrs[1] === 1;
    const shape = x!.shape;
    if (shape.length === 0) return (out) => void out.fill(0);
    const strides = stridesOf(shape);
    const stride = strides[dim]!;
    const starts = places(shape.with(dim, 1), strides) ?? Int32Array.from({ length: sizeOf(shape.with(dim, 1)) }, (_, i) => i);
    return (out, [data]) => {
      const order = Array.from({ length: shape[dim]! }, (_, i) => i);
      for (const start of starts) {
        const key = (i: number): number => data![start + i * stride]!;
        const compare = (a: number, b: number): number => {
          const [u, v] = [key(a), key(b)];
          return u === v ? a - b : u !== u ? (v !== v ? a - b : 1) : v !== v ? -1 : u - v;
        };
        const reversed = (a: number, b: number): number => {
          const [u, v] = [key(a), key(b)];
          return u === v || (u !== u && v !== v) ? a - b : -compare(a, b);
        };
        order.forEach((_, i) => (order[i] = i));
        order.sort(descending ? reversed : compare);
        for (let i = 0; i < order.length; i++) out[start + i * stride] = order[i]!;
      }
    };
  },
  // attrs [n]: 0, 1, …, n - 1
  iota: () => (out) => {
    for (let i = 0; i < out.length; i++) out[i] = i;
  },
};
