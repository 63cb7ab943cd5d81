import { checkOptions, DTypeError } from "../errors.js";
import { fromHost } from "../creation.js";
import { hostArray } from "../dtype.js";
import { refuseReading } from "../program/trace.js";
import { broadcast, stridesOf } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { at } from "./at.js";
import { checkTensor } from "./define.js";
import type { Mask } from "./mask.js";
import { toExpanded } from "./view.js";

// Results whose shape depends on values: Promises.

/**
 * Takes the elements where `mask` is true, as a 1-D tensor; mask and tensor broadcast. A Promise, since the size depends
 * on values. Same as torch.masked_select.
 *
 * @example
 * const positive = await x.maskedSelect(x.gt(0));
 */
export const maskedSelect: (x: Tensor, mask: Tensor) => Promise<Tensor> = composite((x: Tensor, mask: Tensor) => {
  refuseReading("maskedSelect");
  checkTensor("maskedSelect", x);
  checkTensor("maskedSelect", mask);
  if (mask.dtype !== "bool") {
    throw new DTypeError(`maskedSelect: the mask must be bool, got ${mask.dtype}`, 'convert it with mask.to("bool")');
  }
  const shape = broadcast("maskedSelect", x.shape, mask.shape);
  return at(toExpanded(x, shape), toExpanded(mask, shape) as Mask);
});

/**
 * Finds the elements that are not 0: one row of indices each, int32 [count, ndim]. A Promise, since the count depends on
 * values. Same as torch.nonzero.
 */
export function nonzero(x: Tensor): Promise<Tensor> {
  refuseReading("nonzero");
  return places(x);
}

async function places(x: Tensor): Promise<Tensor> {
  checkTensor("nonzero", x);
  const { shape, device } = x;
  const read = x.read();
  const data = read instanceof Promise ? await read : read;
  const strides = stridesOf(shape);
  const rows: number[] = [];
  let count = 0;
  data.forEach((value, place) => {
    if (value === 0) return;
    count++;
    shape.forEach((size, dim) => rows.push(Math.floor(place / strides[dim]!) % size));
  });
  return fromHost("nonzero", Int32Array.from(rows), [count, shape.length], "int32", { device });
}

/** The options of `unique`. */
export interface UniqueOptions {
  /** Taken as PyTorch's; the result is always in order here. */
  readonly sorted?: boolean;
  /** Also give, for each element, its place among the values. */
  readonly returnInverse?: boolean;
  /** Also give how often each value stands. */
  readonly returnCounts?: boolean;
}

/**
 * Finds the different values, in order. A Promise, since their number depends on values. With `returnInverse` or
 * `returnCounts`, an array: the values, then places and counts as int32. Each NaN counts as different. Has no gradient.
 * Same as torch.unique.
 *
 * @example
 * const [values, counts] = await labels.unique({ returnCounts: true });
 */
export function unique(x: Tensor, options?: { readonly sorted?: boolean }): Promise<Tensor>;
export function unique(x: Tensor, options: UniqueOptions): Promise<Tensor[]>;
export function unique(x: Tensor, options: UniqueOptions = {}): Promise<Tensor | Tensor[]> {
  refuseReading("unique");
  return distinct(x, options);
}

async function distinct(x: Tensor, options: UniqueOptions): Promise<Tensor | Tensor[]> {
  checkTensor("unique", x);
  checkOptions("unique", options, ["sorted", "returnInverse", "returnCounts"]);
  const { shape, dtype, device } = x;
  const read = x.read();
  const data = read instanceof Promise ? await read : read;
  // Typed arrays sort numbers as numbers, NaN last.
  const sorted = data.slice().sort();
  const values = hostArray(dtype, sorted.length);
  const counts: number[] = [];
  sorted.forEach((value, i) => {
    if (i > 0 && value === sorted[i - 1]) counts[counts.length - 1]!++;
    else values[counts.push(1) - 1] = value;
  });
  const found = counts.length;
  const results = [fromHost("unique", values.slice(0, found), [found], dtype, { device })];
  if (options.returnInverse === true) {
    const place = new Map<number, number>();
    for (let i = found - 1; i >= 0; i--) place.set(values[i]!, i);
    // Several NaNs: the first NaN's place is the first of theirs.
    let nan = place.get(NaN) ?? 0;
    const inverse = Int32Array.from(data, (value) => (Number.isNaN(value) ? nan++ : place.get(value)!));
    results.push(fromHost("unique", inverse, shape, "int32", { device }));
  }
  if (options.returnCounts === true) {
    results.push(fromHost("unique", Int32Array.from(counts), [found], "int32", { device }));
  }
  return results.length === 1 ? results[0]! : results;
}
