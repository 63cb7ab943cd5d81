import { ShapeError, show } from "../../errors.js";
import { checkDim, text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkTensor } from "../define.js";

type Turn = (x: Tensor) => Tensor;

/** Turns columns round: the last comes first. Gradient: grad, turned back. Same as torch.fliplr. */
export const fliplr: Turn = composite((x: Tensor) => {
  checkTensor("fliplr", x);
  if (x.ndim < 2) throw new ShapeError(`fliplr: needs two dims or more, got ${text(x.shape)}`, "write x.flip(0)");
  return x.flip(1);
});

/** Turns rows round: the last comes first. Gradient: grad, turned back. Same as torch.flipud. */
export const flipud: Turn = composite((x: Tensor) => {
  checkTensor("flipud", x);
  if (x.ndim < 1) throw new ShapeError("flipud: needs one dim or more, got []");
  return x.flip(0);
});

/**
 * Turns the plane of two dims by `k` quarters of a circle, from the first towards the second. Gradient: grad, turned back.
 * Same as torch.rot90.
 *
 * @example
 * rot90(tensor([[1, 2], [3, 4]])); // tensor([[2., 4.], [1., 3.]])
 */
export const rot90: (x: Tensor, k?: number, dims?: readonly number[]) => Tensor = composite(
  (x: Tensor, k = 1, dims: readonly number[] = [0, 1]) => {
    checkTensor("rot90", x);
    if (!Number.isInteger(k)) throw new ShapeError(`rot90: k must be an integer, got ${show(k)}`);
    if (dims.length !== 2) throw new ShapeError(`rot90: needs two dims, got ${show(dims)}`);
    const [a, b] = [checkDim("rot90", dims[0]!, x.ndim), checkDim("rot90", dims[1]!, x.ndim)];
    if (a === b) throw new ShapeError(`rot90: needs two different dims of ${text(x.shape)}, got ${show(dims)}`);
    switch (((k % 4) + 4) % 4) {
      case 1:
        return x.flip(b).transpose(a, b);
      case 2:
        return x.flip(a, b);
      case 3:
        return x.flip(a).transpose(a, b);
      default:
        return x.clone();
    }
  },
);
