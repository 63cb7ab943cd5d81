import { DTypeError, IndexError, ShapeError, show } from "../errors.js";
import { tensor, type TensorData } from "../creation.js";
import { broadcast, type Shape, sizeOf, text } from "../shape.js";
import { Tensor } from "../tensor.js";
import type { IndexCaller } from "../program/index-caller.js";
import { iota, readAlong } from "./index-access.js";
import { checkRange, type Range, resolveRange } from "./range.js";
import { slice, toExpanded, toOrder, toShape } from "./view.js";

/** Positions as nested arrays: `[0, 2]` takes what the int32 tensor of the same numbers takes. */
export type Positions = readonly (number | Positions)[];

/**
 * What may stand between the brackets of Python's `x[…]`: a position, a range, `null` for a new axis, `"..."` for all
 * dims that are left, an int32 tensor or arrays of positions, a bool tensor or array as a mask.
 */
export type Index = number | Range | null | "..." | Tensor | Positions | readonly boolean[];

/** An index with the dim of x where it starts. Lists take `dims` dims, which count as one flattened dim. */
export type Item =
  | { readonly kind: "position"; readonly dim: number; readonly at: number }
  | {
      readonly kind: "range";
      readonly dim: number;
      readonly start: number;
      readonly length: number;
      readonly step: number;
    }
  | { readonly kind: "axis" }
  | { readonly kind: "pick"; readonly dim: number; readonly index: Tensor }
  | { readonly kind: "list"; readonly dim: number; readonly dims: number; readonly index: Tensor }
  | { readonly kind: "mask"; readonly dim: number; readonly mask: Tensor };

/** Takes a subscript apart and checks it against the shape of `x`: all that can be known before a value is. */
export function parse(where: IndexCaller, x: Tensor, indices: readonly unknown[]): Item[] {
  const given = indices.map((index) => (Array.isArray(index) ? listed(where, index as TensorData, x) : index));
  const taken = given.reduce<number>((sum, index) => sum + dimsOf(index), 0);
  if (taken > x.ndim) {
    throw new IndexError(`${where}: too many indices: ${taken} for the ${x.ndim} dims of ${text(x.shape)}`);
  }
  if (given.filter((index) => index === "...").length > 1) throw new IndexError(`${where}: "..." may stand only once`);
  const items: Item[] = [];
  const keep = (from: number, to: number): void => {
    for (let d = from; d < to; d++) items.push({ kind: "range", dim: d, start: 0, length: x.shape[d]!, step: 1 });
  };
  let dim = 0;
  for (const index of given) {
    if (index === "...") {
      keep(dim, dim + x.ndim - taken);
      dim += x.ndim - taken;
    } else {
      items.push(itemOf(where, x, index, dim));
      dim += dimsOf(index);
    }
  }
  keep(dim, x.ndim);
  return items;
}

/** How many dims of x an index takes. */
function dimsOf(index: unknown): number {
  if (index === null || index === "...") return 0;
  return index instanceof Tensor && index.dtype === "bool" ? index.ndim : 1;
}

function listed(where: string, list: TensorData, x: Tensor): Tensor {
  const flat = (list as unknown[]).flat(Infinity);
  if (flat.length > 0 && flat.every((value) => typeof value === "boolean")) return tensor(list, { device: x.device });
  for (const value of flat) {
    if (!Number.isInteger(value)) {
      throw new IndexError(`${where}: a list of positions holds integers, got ${show(value)}`);
    }
  }
  return tensor(list, { dtype: "int32", device: x.device });
}

/** Checks a position along a dim of x, and counts it from the start. */
export function positionOf(where: string, x: Tensor, index: number, dim: number): number {
  const size = x.shape[dim]!;
  if (!Number.isInteger(index) || index < -size || index >= size) throw positionError(where, x, index, dim);
  return index < 0 ? index + size : index;
}

function positionError(where: string, x: Tensor, index: number, dim: number): IndexError {
  if (!Number.isInteger(index))
    return new IndexError(`${where}: a position must be an integer, got ${index} for dim ${dim}`);
  const size = x.shape[dim]!;
  return new IndexError(
    `${where}: index ${index} is out of range for dim ${dim} of size ${size}, in ${text(x.shape)}`,
    size === 0 ? "the dim has no elements" : `it runs from ${-size} to ${size - 1}`,
  );
}

function itemOf(where: string, x: Tensor, index: unknown, dim: number): Item {
  if (index === null) return { kind: "axis" };
  if (index instanceof Tensor) return tensorItem(where, x, index, dim);
  if (typeof index === "number") return { kind: "position", dim, at: positionOf(where, x, index, dim) };
  const size = x.shape[dim]!;
  if (typeof index === "object") {
    checkRange(where, index);
    return { kind: "range", dim, ...resolveRange(index, size) };
  }
  throw new IndexError(
    `${where}: ${show(index)} is no index`,
    'it takes integers, range(start, stop, step), null for a new axis, "...", int32 tensors or arrays, and bool masks',
  );
}

function tensorItem(where: string, x: Tensor, index: Tensor, dim: number): Item {
  if (index.dtype === "bool") {
    const covered = x.shape.slice(dim, dim + index.ndim);
    if (index.shape.some((size, i) => size !== covered[i])) {
      throw new ShapeError(
        `${where}: a mask of shape ${text(index.shape)} does not fit ${text(covered)}, the dims of ${text(x.shape)} from ${dim} on`,
      );
    }
    return { kind: "mask", dim, mask: index };
  }
  if (index.dtype !== "int32") {
    throw new DTypeError(
      `${where}: an index tensor must be int32, or bool for a mask, got ${index.dtype} for dim ${dim}`,
      index.dtype === "uint8"
        ? 'write index.to("bool") for a mask, index.to("int32") for positions'
        : 'convert it with index.to("int32"), or make it with tensor(data, { dtype: "int32" })',
    );
  }
  return index.ndim === 0 ? { kind: "pick", dim, index } : { kind: "list", dim, dims: 1, index };
}

/** A list of positions, and the dim that it reads. */
interface Read {
  readonly dim: number;
  readonly named: number;
  readonly index: Tensor;
}

/** Reads x[…] of items that hold no masks any more. */
export function subscript(caller: IndexCaller, x: Tensor, items: readonly Item[]): Tensor {
  let out = x;
  const shape: number[] = [];
  const reads: Read[] = [];
  for (const item of items) {
    if (item.kind === "position") out = slice(out, item.dim, item.at, 1);
    else if (item.kind === "range") {
      out = slice(out, item.dim, item.start, item.length, item.step);
      shape.push(item.length);
    } else if (item.kind === "axis") shape.push(1);
    else if (item.kind === "pick") {
      const index = toShape(
        item.index,
        x.shape.map(() => 1),
      );
      out = readAlong(out, item.dim, index, out.shape.with(item.dim, 1), { caller, wrap: true });
    } else if (item.kind === "list") {
      reads.push({ dim: shape.length, named: item.dim, index: item.index });
      shape.push(sizeOf(x.shape.slice(item.dim, item.dim + item.dims)));
    }
  }
  out = toShape(out, shape);
  if (reads.length === 0) return out;
  return reads.length === 1 ? readOne(caller, out, reads[0]!) : readSeveral(caller, out, reads);
}

/** Reads along one dim; the dims of the index take its place. */
function readOne(caller: IndexCaller, x: Tensor, { dim, named, index }: Read): Tensor {
  const count = index.numel();
  const after = x.ndim - dim - 1;
  const rows = toShape(index, [count, ...new Array<number>(after).fill(1)]);
  const out = readAlong(x, dim, rows, x.shape.with(dim, count), { caller, named, wrap: true });
  return toShape(out, x.shape.toSpliced(dim, 1, ...index.shape));
}

/**
 * Reads at pairs, triples, … of positions: the indices broadcast together, and their dims stand where the indexed dims
 * stood if those are neighbours, else in front (as in NumPy and PyTorch).
 */
function readSeveral(caller: IndexCaller, x: Tensor, reads: readonly Read[]): Tensor {
  let shape: Shape = [];
  for (const { index } of reads) shape = broadcast(`${caller} (index tensors)`, shape, index.shape);
  const dims = reads.map((read) => read.dim);
  const adjacent = dims.every((dim, k) => dim === dims[0]! + k);
  const first = adjacent ? dims[0]! : 0;
  const others = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const moved = toOrder(x, others.toSpliced(first, 0, ...dims));

  // One position in the flattened dims: reading each index through 0, stride, 2·stride, … checks and wraps it.
  const sizes = dims.map((dim) => x.shape[dim]!);
  let place: Tensor | undefined;
  reads.forEach(({ named, index }, k) => {
    const flat = toShape(index, [index.numel()]);
    const read = readAlong(iota(sizes[k]!, x.device), 0, flat, flat.shape, { caller, named, wrap: true });
    const part = toShape(read.mul(sizeOf(sizes.slice(k + 1))), index.shape);
    place = place === undefined ? part : place.add(part);
  });
  const flat = toShape(moved, moved.shape.toSpliced(first, dims.length, sizeOf(sizes)));
  return readOne(caller, flat, { dim: first, named: -1, index: toExpanded(place!, shape) });
}
