import { type DType, isFloat, type TypedArray } from "../dtype.js";
import type { ReduceName, ScanName } from "../program/vocabulary.js";
import { type Shape, sizeOf, stridesOf } from "../shape.js";
import { type Handler, places } from "./kernel.js";

/** For each result, where its elements start; and for each of its elements, how far from there. */
function layout(shape: Shape, dims: readonly number[]): { starts: Int32Array; steps: Int32Array } {
  const strides = stridesOf(shape);
  const all = shape.map((_, i) => i);
  const pick = (keep: (dim: number) => boolean): Int32Array => {
    const chosen = all.filter(keep);
    const sizes = chosen.map((dim) => shape[dim]!);
    return (
      places(
        sizes,
        chosen.map((dim) => strides[dim]!),
      ) ?? Int32Array.from({ length: sizeOf(sizes) }, (_, i) => i)
    );
  };
  return { starts: pick((dim) => !dims.includes(dim)), steps: pick((dim) => dims.includes(dim)) };
}

/** Reduces with one pass over the elements `x[start + step]` of each result. */
const reduce =
  (one: (x: TypedArray, start: number, steps: Int32Array) => number): Handler =>
  (node, [src]) => {
    const { starts, steps } = layout(src!.shape, node.attrs.slice(1));
    return (out, [x]) => {
      for (let i = 0; i < out.length; i++) out[i] = one(x!, starts[i]!, steps);
    };
  };

/** The place, among `steps`, of the first element that no other beats; NaN beats everything. */
const arg =
  (beats: (x: number, best: number) => boolean) =>
  (x: TypedArray, start: number, steps: Int32Array): number => {
    let best = 0;
    for (let i = 1; i < steps.length; i++) {
      const value = x[start + steps[i]!]!;
      const leader = x[start + steps[best]!]!;
      if (beats(value, leader) || (value !== value && leader === leader)) best = i;
    }
    return best;
  };

const argmax = arg((x, best) => x > best);
const argmin = arg((x, best) => x < best);

/** Adds and multiplies as the dtype does: ints wrap, bools are "or" and "and". */
type Combine = (total: number, x: number) => number;
const sums = (dtype: DType): Combine =>
  isFloat(dtype) ? (total, x) => total + x : dtype === "bool" ? (total, x) => total | x : (total, x) => (total + x) | 0;
const products = (dtype: DType): Combine => (isFloat(dtype) ? (total, x) => total * x : Math.imul);

/** Folds the elements of each result, in order, in float64 or int32. */
const fold =
  (first: number, pick: (dtype: DType) => Combine): Handler =>
  (node, srcs, program) => {
    const combine = pick(node.dtype);
    const total = (x: TypedArray, start: number, steps: Int32Array): number => {
      let so = first;
      for (let i = 0; i < steps.length; i++) so = combine(so, x[start + steps[i]!]!);
      return so;
    };
    return reduce(total)(node, srcs, program);
  };

export const reduction: Record<ReduceName, Handler> = {
  sum: fold(0, sums),
  prod: fold(1, products),
  max: reduce((x, start, steps) => x[start + steps[argmax(x, start, steps)]!]!),
  min: reduce((x, start, steps) => x[start + steps[argmin(x, start, steps)]!]!),
  argmax: reduce(argmax),
  argmin: reduce(argmin),
};

/** Runs along the dim in attrs, keeping a total. */
const scan =
  (first: number, pick: (dtype: DType) => Combine): Handler =>
  (node) => {
    const dim = node.attrs[0]!;
    const { starts, steps } = layout(node.shape, node.shape.length === 0 ? [] : [dim]);
    const combine = pick(node.dtype);
    return (out, [x]) => {
      for (const start of starts) {
        let total = first;
        for (const step of steps) {
          total = combine(total, x![start + step]!);
          out[start + step] = total;
        }
      }
    };
  };

export const scans: Record<ScanName, Handler> = {
  cumsum: scan(0, sums),
  cumprod: scan(1, products),
};
