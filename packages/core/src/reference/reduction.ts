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

/** Reduces the elements `x[start + step]` to one number. */
type Fold = (x: TypedArray, start: number, steps: Int32Array) => number;

const reduce =
  (one: Fold): Handler =>
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

// Plain loops, written out: one loop that took the operation as a function would be ten times slower.
// Floats add up in float64, ints wrap at 32 bits; sums of bools are "or", products "and".

const sumFloats: Fold = (x, start, steps) => {
  let total = 0;
  for (let i = 0; i < steps.length; i++) total += x[start + steps[i]!]!;
  return total;
};
const sumInts: Fold = (x, start, steps) => {
  let total = 0;
  for (let i = 0; i < steps.length; i++) total = (total + x[start + steps[i]!]!) | 0;
  return total;
};
const anyOf: Fold = (x, start, steps) => {
  for (let i = 0; i < steps.length; i++) if (x[start + steps[i]!] !== 0) return 1;
  return 0;
};
const multiplyFloats: Fold = (x, start, steps) => {
  let total = 1;
  for (let i = 0; i < steps.length; i++) total *= x[start + steps[i]!]!;
  return total;
};
const multiplyInts: Fold = (x, start, steps) => {
  let total = 1;
  for (let i = 0; i < steps.length; i++) total = Math.imul(total, x[start + steps[i]!]!);
  return total;
};

/** Picks a loop by the dtype of the result. */
const byDType =
  (pick: (dtype: DType) => Fold): Handler =>
  (node, srcs, program) =>
    reduce(pick(node.dtype))(node, srcs, program);

export const reduction: Record<ReduceName, Handler> = {
  sum: byDType((dtype) => (isFloat(dtype) ? sumFloats : dtype === "bool" ? anyOf : sumInts)),
  prod: byDType((dtype) => (isFloat(dtype) ? multiplyFloats : multiplyInts)),
  max: reduce((x, start, steps) => x[start + steps[argmax(x, start, steps)]!]!),
  min: reduce((x, start, steps) => x[start + steps[argmin(x, start, steps)]!]!),
  argmax: reduce(argmax),
  argmin: reduce(argmin),
};

/** Writes the running results of one row. */
type Running = (out: TypedArray, x: TypedArray, start: number, steps: Int32Array) => void;

const runSumFloats: Running = (out, x, start, steps) => {
  let total = 0;
  for (let i = 0; i < steps.length; i++) out[start + steps[i]!] = total += x[start + steps[i]!]!;
};
const runSumInts: Running = (out, x, start, steps) => {
  let total = 0;
  for (let i = 0; i < steps.length; i++) out[start + steps[i]!] = total = (total + x[start + steps[i]!]!) | 0;
};
const runAny: Running = (out, x, start, steps) => {
  let total = 0;
  for (let i = 0; i < steps.length; i++) out[start + steps[i]!] = total |= x[start + steps[i]!]!;
};
const runProductFloats: Running = (out, x, start, steps) => {
  let total = 1;
  for (let i = 0; i < steps.length; i++) out[start + steps[i]!] = total *= x[start + steps[i]!]!;
};
const runProductInts: Running = (out, x, start, steps) => {
  let total = 1;
  for (let i = 0; i < steps.length; i++) out[start + steps[i]!] = total = Math.imul(total, x[start + steps[i]!]!);
};

/** Runs along the dim in attrs. */
const scan =
  (pick: (dtype: DType) => Running): Handler =>
  (node) => {
    const { starts, steps } = layout(node.shape, node.shape.length === 0 ? [] : [node.attrs[0]!]);
    const run = pick(node.dtype);
    return (out, [x]) => {
      for (const start of starts) run(out, x!, start, steps);
    };
  };

export const scans: Record<ScanName, Handler> = {
  cumsum: scan((dtype) => (isFloat(dtype) ? runSumFloats : dtype === "bool" ? runAny : runSumInts)),
  cumprod: scan((dtype) => (isFloat(dtype) ? runProductFloats : runProductInts)),
};
