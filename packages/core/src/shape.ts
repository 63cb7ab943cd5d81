import { IndexError, ShapeError, show, ValueError } from "./errors.js";

/** Sizes per dim, outermost first; `[]` is a 0-d tensor. */
export type Shape = readonly number[];

/** Sizes or dims given spread or as one array: `view(1, -1)` and `view([1, -1])` are the same. */
export type Sizes = number[] | [readonly number[]];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/** Where element number `at`, row-major, stands in a tensor of `shape`. */
export function indexOf(at: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  for (let dim = shape.length - 1, rest = at; dim >= 0; dim--) {
    index[dim] = rest % shape[dim]!;
    rest = Math.floor(rest / shape[dim]!);
  }
  return index;
}

/** A shape as errors show it: `[2, 3]`. */
export const text = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Takes `Sizes` apart into a plain array of integers. */
export function sizesOf(where: string, sizes: readonly unknown[]): readonly number[] {
  const list = sizes.length === 1 && Array.isArray(sizes[0]) ? (sizes[0] as readonly unknown[]) : sizes;
  for (const size of list) {
    if (!Number.isInteger(size)) throw new ShapeError(`${where}: sizes and dims must be integers, got ${show(list)}`);
  }
  return list as readonly number[];
}

/** Checks the shape of a new tensor: integers, none negative. */
export function checkShape(where: string, shape: unknown): Shape {
  if (typeof shape === "number")
    throw new ShapeError(`${where}: a shape is an array, got ${String(shape)}`, `write [${String(shape)}]`);
  if (!Array.isArray(shape)) throw new ShapeError(`${where}: a shape is an array of sizes, got ${show(shape)}`);
  for (const size of shape) {
    if (!Number.isInteger(size) || (size as number) < 0) {
      throw new ShapeError(`${where}: sizes must be integers of 0 or more, got ${show(shape)}`);
    }
  }
  return shape.slice() as number[];
}

/** Turns a dim that may count from the end into 0..rank-1. A 0-d tensor takes 0 and -1, as in PyTorch. */
export function checkDim(where: string, dim: number, rank: number): number {
  const bound = Math.max(rank, 1);
  if (!Number.isInteger(dim)) throw new IndexError(`${where}: dim must be an integer, got ${show(dim)}`);
  if (dim < -bound || dim >= bound) {
    throw new IndexError(
      `${where}: dim ${dim} is out of range for ${rank} dims`,
      `it runs from ${-bound} to ${bound - 1}`,
    );
  }
  return dim < 0 ? dim + bound : dim;
}

/** Turns one dim, several or none (all) into a sorted list without repeats. */
export function checkDims(where: string, dim: number | readonly number[] | null | undefined, rank: number): number[] {
  return dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0)
    ? allDims(rank)
    : sortedDims(where, dim, rank);
}

function allDims(rank: number): number[] {
  const all: number[] = [];
  for (let i = 0; i < rank; i++) all.push(i);
  return all;
}

function sortedDims(where: string, dim: number | readonly number[], rank: number): number[] {
  if (typeof dim !== "number" && !Array.isArray(dim)) {
    throw new IndexError(
      `${where}: dim must be an integer or an array of them, got ${show(dim)}`,
      "options go after the dim; null stands for all dims",
    );
  }
  const dims = (typeof dim === "number" ? [dim] : (dim as readonly number[])).map((d) => checkDim(where, d, rank));
  dims.sort((a, b) => a - b);
  for (let i = 1; i < dims.length; i++) {
    if (dims[i] === dims[i - 1]) throw new ShapeError(`${where}: dim ${dims[i]} appears twice in ${show(dim)}`);
  }
  return rank === 0 ? [] : dims;
}

/** The shape that two shapes broadcast to. Dims align from the right; a size of 1 stretches. */
export function broadcast(where: string, a: Shape, b: Shape): Shape {
  return sameShape(a, b) ? a : stretched(where, a, b);
}

function stretched(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i]! : 1;
    const n = i <= b.length ? b[b.length - i]! : 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${where}: shapes ${text(a)} and ${text(b)} do not broadcast (${m} and ${n} at dim ${-i})`,
        "dims align from the right and must be equal, or 1",
      );
    }
    out[rank - i] = m === 1 ? n : m;
  }
  return out;
}

/** Fills in one -1 of a target shape and checks that the number of elements stays the same. */
export function inferShape(where: string, from: Shape, target: readonly number[]): Shape {
  const size = sizeOf(from);
  let known = 1;
  let hole = -1;
  for (let i = 0; i < target.length; i++) {
    const n = target[i]!;
    if (n === -1) {
      if (hole >= 0) throw new ShapeError(`${where}: only one size may be -1, got ${text(target)}`);
      hole = i;
    } else if (n < 0) throw new ShapeError(`${where}: sizes must be 0 or more, or one -1, got ${text(target)}`);
    else known *= n;
  }
  const shape = target.slice();
  if (hole >= 0) {
    if (known === 0 || size % known !== 0) {
      throw new ShapeError(`${where}: ${text(from)} (${size} elements) does not fit ${text(target)}`);
    }
    shape[hole] = size / known;
  } else if (known !== size) {
    throw new ShapeError(`${where}: ${text(from)} has ${size} elements, ${text(target)} has ${known}`);
  }
  return shape;
}

/** Checks a count or size argument: an integer of `least` or more. */
export function checkCount(where: string, name: string, value: unknown, least = 0): number {
  if (!Number.isInteger(value) || (value as number) < least) {
    throw new ValueError(`${where}: ${name} must be an integer of ${least} or more, got ${show(value)}`);
  }
  return value as number;
}
