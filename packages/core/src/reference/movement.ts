import type { MoveName } from "../program/vocabulary.js";
import { type Shape, stridesOf } from "../shape.js";
import { broadcastStrides, type Handler, places, type Run } from "./kernel.js";

/** Copies the elements at fixed places of the source. */
function copyFrom(map: Int32Array | null): Run {
  // Windows may show only the first elements, in order.
  if (map === null) return (out, [x]) => out.set(x!.length === out.length ? x! : x!.subarray(0, out.length));
  return (out, [x]) => {
    for (let i = 0; i < out.length; i++) out[i] = x![map[i]!]!;
  };
}

/** The part of `shape` that a slice [dim, length, step] sees, as places in it relative to the start. */
function window(shape: Shape, dim: number, length: number, step: number): { map: Int32Array | null; stride: number } {
  const strides = stridesOf(shape);
  const stride = strides[dim]!;
  return { map: places(shape.with(dim, length), strides.with(dim, stride * step)), stride };
}

export const movement: Record<MoveName, Handler> = {
  reshape: () => copyFrom(null),
  expand: (node, [x]) => copyFrom(places(node.shape, broadcastStrides(x!.shape, node.shape))),
  permute: (node, [x]) => {
    const strides = stridesOf(x!.shape);
    return copyFrom(
      places(
        node.shape,
        node.attrs.map((dim) => strides[dim]!),
      ),
    );
  },
  flip: (node) => {
    const strides = stridesOf(node.shape);
    let offset = 0;
    for (const dim of node.attrs) {
      offset += (node.shape[dim]! - 1) * strides[dim]!;
      strides[dim] = -strides[dim]!;
    }
    return copyFrom(places(node.shape, strides, offset));
  },
  // attrs [dim, length, step]; the start is a run-time number.
  slice: (node, [x]) => {
    const { map, stride } = window(x!.shape, node.attrs[0]!, node.attrs[1]!, node.attrs[2]!);
    return (out, [from, start]) => {
      const offset = start![0]! * stride;
      for (let i = 0; i < out.length; i++) out[i] = from![offset + (map === null ? i : map[i]!)]!;
    };
  },
  // attrs [dim, size, step]: zeros, with the source at start, start + step, ….
  unslice: (node, [x]) => {
    const dim = node.attrs[0]!;
    const { map, stride } = window(node.shape, dim, x!.shape[dim]!, node.attrs[2]!);
    return (out, [from, start]) => {
      const offset = start![0]! * stride;
      out.fill(0);
      for (let i = 0; i < from!.length; i++) out[offset + (map === null ? i : map[i]!)] = from![i]!;
    };
  },
  // attrs [dim, size, step, dilation]: out[…, i, j, …] = x[…, i · step + j · dilation, …].
  windows: (node, [x]) => {
    const [dim, , step, dilation] = node.attrs as [number, number, number, number];
    const strides = stridesOf(x!.shape);
    return copyFrom(places(node.shape, strides.toSpliced(dim, 1, strides[dim]! * step, strides[dim]! * dilation)));
  },
};
