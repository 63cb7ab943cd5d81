import { ShapeError } from "../errors.js";
import { checkCount, checkDim, type Sizes, sizesOf, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { copied, toExpanded, toShape } from "./view.js";

type Spread = (x: Tensor, ...sizes: Sizes) => Tensor;

/**
 * Repeats the whole tensor along each dim; more numbers than dims add dims in front. Gradient: grad, summed over the
 * copies. Same as torch.Tensor.repeat.
 *
 * @example
 * tensor([1, 2]).repeat(2, 2); // tensor([[1., 2., 1., 2.], [1., 2., 1., 2.]])
 */
export const repeat: Spread = composite((x: Tensor, ...repeats: Sizes): Tensor => {
  checkTensor("repeat", x);
  const times = sizesOf("repeat", repeats);
  if (times.length < x.ndim || times.some((n) => n < 0)) {
    throw new ShapeError(
      `repeat: needs a number of 0 or more for each of the ${x.ndim} dims of ${text(x.shape)}, got ${text(times)}`,
    );
  }
  return repeated(x, times);
});

/**
 * Repeats the whole tensor; fewer numbers than dims repeat the last dims. Gradient: grad, summed over the copies. Same as
 * torch.tile.
 */
export const tile: Spread = composite((x: Tensor, ...repeats: Sizes): Tensor => {
  checkTensor("tile", x);
  const times = sizesOf("tile", repeats);
  if (times.some((n) => n < 0)) throw new ShapeError(`tile: needs numbers of 0 or more, got ${text(times)}`);
  return repeated(x, [...ones(x.ndim - times.length), ...times]);
});

type RepeatInterleave = (x: Tensor, repeats: number, dim?: number) => Tensor;

/**
 * Repeats each element along `dim`, or of the flattened tensor. One number for all elements: with one for each, the shape
 * would depend on values. Gradient: grad, summed over the copies. Same as torch.repeat_interleave.
 *
 * @example
 * tensor([1, 2]).repeatInterleave(2); // tensor([1., 1., 2., 2.])
 */
export const repeatInterleave: RepeatInterleave = composite((x: Tensor, repeats: number, dim?: number): Tensor => {
  checkTensor("repeatInterleave", x);
  const times = checkCount("repeatInterleave", "repeats", repeats);
  const d = checkDim("repeatInterleave", dim ?? 0, dim === undefined ? 1 : x.ndim);
  const flat = dim === undefined || x.ndim === 0 ? toShape(x, [x.numel()]) : x;
  const { shape } = flat;
  const spread = toExpanded(toShape(flat, shape.toSpliced(d + 1, 0, 1)), shape.toSpliced(d + 1, 0, times));
  return copied(toShape(spread, shape.with(d, shape[d]! * times)));
});

const ones = (count: number): number[] => new Array<number>(Math.max(0, count)).fill(1);

/** Stands [a, b] as [1, a, 1, b], expands the ones to the repeats, and joins each pair. */
function repeated(x: Tensor, times: readonly number[]): Tensor {
  const shape = [...ones(times.length - x.ndim), ...x.shape];
  const apart = toShape(
    x,
    shape.flatMap((size) => [1, size]),
  );
  const spread = toExpanded(
    apart,
    shape.flatMap((size, i) => [times[i]!, size]),
  );
  return copied(
    toShape(
      spread,
      shape.map((size, i) => size * times[i]!),
    ),
  );
}
