import { IndexError } from "../errors.js";
import { indexCallers } from "../program/index-caller.js";
import type { ProgramNode } from "../program/program.js";
import type { OtherName } from "../program/vocabulary.js";
import { broadcast, type Shape, sizeOf, stridesOf } from "../shape.js";
import { broadcastStrides, type Handler, places } from "./kernel.js";

/** What is wrong with an index of a gather or scatter, whose attrs start with [dim, wrap, caller, named], in a shape. */
export function outOfRange({ attrs }: ProgramNode, index: number, shape: Shape): IndexError {
  const size = shape[attrs[0]!]!;
  const dim = attrs[3]! < 0 ? "" : ` for dim ${attrs[3]!}`;
  return new IndexError(
    `${indexCallers[attrs[2]!]!}: index ${index} is out of range${dim} of size ${size}`,
    size === 0 ? "there are no elements" : `indices run from ${attrs[1] === 1 ? -size : 0} to ${size - 1}`,
  );
}

/** Checks an index value of a gather or scatter along a dim of `shape`. */
function checker(node: ProgramNode, shape: Shape): (i: number) => number {
  const size = shape[node.attrs[0]!]!;
  const wrap = node.attrs[1] === 1;
  return (i) => {
    const place = i < 0 && wrap ? i + size : i;
    if (place >= 0 && place < size) return place;
    throw outOfRange(node, i, shape);
  };
}

/** Whether an index runs along `dim` alone, the same for all else: whole slices are taken. */
const alongOnly = (index: Shape, shape: Shape, dim: number): boolean =>
  sizeOf(index) === shape[dim] && index.every((size, i) => size === 1 || i + shape.length - index.length === dim);

/** The longest slice that is copied by a plain loop; longer ones by a block copy, which costs more to start. */
const shortSlice = 48;

type Compare = (i: number, j: number) => number;

/** Compares places by their keys, then by themselves; NaN (unequal to itself) stands last. */
const ascending =
  (keys: Float64Array): Compare =>
  (i, j) => {
    const x = keys[i]!;
    const y = keys[j]!;
    if (x < y) return -1;
    if (x > y) return 1;
    // Equal, or at least one of them is NaN.
    return x === y ? i - j : Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || i - j;
  };

const descending =
  (keys: Float64Array): Compare =>
  (i, j) => {
    const x = keys[i]!;
    const y = keys[j]!;
    if (x > y) return -1;
    if (x < y) return 1;
    return x === y ? i - j : Number(Number.isNaN(y)) - Number(Number.isNaN(x)) || i - j;
  };

export const indexing: Record<Exclude<OtherName, "where" | "matmul" | "uniform" | "recur">, Handler> = {
  // attrs [dim, wrap, caller, named, ...shape]: out[i][j] = x[index[i][j]][j] for dim 0. The index broadcasts to
  // the result; x may be longer in the other dims.
  gather: (node, [x, index]) => {
    const dim = node.attrs[0]!;
    const size = x!.shape[dim]!;
    const check = checker(node, x!.shape);
    const { shape } = node;
    if (alongOnly(index!.shape, shape, dim) && x!.shape.every((length, i) => i === dim || length === shape[i])) {
      const count = shape[dim]!;
      const blocks = sizeOf(shape.slice(0, dim));
      const slice = sizeOf(shape.slice(dim + 1));
      return (out, [from, at]) => {
        let to = 0;
        for (let block = 0; block < blocks; block++) {
          for (let i = 0; i < count; i++, to += slice) {
            const start = (block * size + check(at![i]!)) * slice;
            if (slice <= shortSlice) for (let k = 0; k < slice; k++) out[to + k] = from![start + k]!;
            else out.set(from!.subarray(start, start + slice), to);
          }
        }
      };
    }
    const strides = stridesOf(x!.shape);
    const stride = strides[dim]!;
    const base = places(shape, strides.with(dim, 0));
    const which = places(shape, broadcastStrides(index!.shape, shape));
    return (out, [from, at]) => {
      for (let i = 0; i < out.length; i++)
        out[i] = from![(base === null ? i : base[i]!) + check(at![which === null ? i : which[i]!]!) * stride]!;
    };
  },
  // attrs [dim, wrap, caller, named, adds, ...shape]: out = x; out[index[i][j]][j] = or += src[i][j] for dim 0, in order, rounding
  // each sum to the dtype. x broadcasts to the result, index and src to each other.
  scatter: (node, [x, index, src]) => {
    const dim = node.attrs[0]!;
    const check = checker(node, node.shape);
    const adds = node.attrs[4] === 1;
    const either = node.dtype === "bool";
    const shape = broadcast("scatter", index!.shape, src!.shape);
    const strides = stridesOf(node.shape);
    const stride = strides[dim]!;
    const start = places(node.shape, broadcastStrides(x!.shape, node.shape));
    const base = places(shape, strides.with(dim, 0));
    const which = places(shape, broadcastStrides(index!.shape, shape));
    const order = places(shape, broadcastStrides(src!.shape, shape));
    const count = sizeOf(shape);
    return (out, [from, at, values]) => {
      if (start === null) out.set(from!);
      else if (from!.length === 1) out.fill(from![0]!);
      else for (let i = 0; i < out.length; i++) out[i] = from![start[i]!]!;
      for (let i = 0; i < count; i++) {
        const place = (base === null ? i : base[i]!) + check(at![which === null ? i : which[i]!]!) * stride;
        const value = values![order === null ? i : order[i]!]!;
        if (!adds) out[place] = value;
        else out[place] = either ? out[place]! | value : out[place]! + value;
      }
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
        const map = maps[k] ?? null;
        for (let i = 0; i < part.length; i++) out[map === null ? i : map[i]!] = part[i]!;
      });
    };
  },
  // attrs [dim, descending]: places in sorted order, equal elements in their old order, NaN as the largest; as many of the
  // first as the result has.
  argsort: (node, [x]) => {
    const dim = node.attrs[0]!;
    const { shape } = x!;
    const size = shape[dim]!;
    const count = node.shape[dim]!;
    const inner = sizeOf(shape.slice(dim + 1));
    const lines = sizeOf(shape.slice(0, dim)) * inner;
    const keys = new Float64Array(size);
    const order = new Int32Array(size);
    const compare = node.attrs[1] === 1 ? descending(keys) : ascending(keys);
    return (out, [data]) => {
      for (let line = 0; line < lines; line++) {
        const [block, at] = [Math.floor(line / inner), line % inner];
        const start = block * size * inner + at;
        for (let i = 0; i < size; i++) {
          keys[i] = data![start + i * inner]!;
          order[i] = i;
        }
        order.sort(compare);
        const to = block * count * inner + at;
        for (let i = 0; i < count; i++) out[to + i * inner] = order[i]!;
      }
    };
  },
  // attrs [n]: 0, 1, …, n - 1
  iota: () => (out) => {
    for (let i = 0; i < out.length; i++) out[i] = i;
  },
};
