import { checkOptions, ShapeError, show, ValueError } from "../../errors.js";
import { text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkFloat } from "../define.js";
import { combinations } from "./stacking.js";
import { arange } from "../../creation.js";

/**
 * The p-norm of x - y over all elements, after broadcasting. Gradient: as of `norm`, to x, and its negative to y. Same as
 * torch.dist.
 */
export const dist: (x: Tensor, y: Tensor, p?: number) => Tensor = composite((x: Tensor, y: Tensor, p = 2) => {
  checkFloat("dist", x);
  return x.sub(y).norm(p);
});

/** The options of `cdist`. */
export interface CdistOptions {
  /** Taken as PyTorch's; distances are always computed from differences, which cancel nothing, here. */
  readonly computeMode?: string;
}

function checkNorm(name: string, p: unknown): asserts p is number {
  if (typeof p !== "number" || !(p >= 0))
    throw new ValueError(`${name}: p must be a number of 0 or more, got ${show(p)}`);
}

/**
 * Computes the p-norm distance of each row of x to each of y: [..., n, k] and [..., m, k] give [..., n, m]. The gradient
 * at distance 0 is 0. Same as torch.cdist.
 *
 * @throws ShapeError where the rows differ in length.
 *
 * @example
 * cdist(tensor([[0, 0], [3, 4]]), tensor([[0, 0]])); // tensor([[0.], [5.]])
 */
export const cdist: (x: Tensor, y: Tensor, p?: number, options?: CdistOptions) => Tensor = composite(
  (x: Tensor, y: Tensor, p = 2, options: CdistOptions = {}) => {
    checkFloat("cdist", x);
    checkFloat("cdist", y);
    checkNorm("cdist", p);
    checkOptions("cdist", options, ["computeMode"]);
    if (x.ndim < 2 || y.ndim < 2 || x.shape.at(-1) !== y.shape.at(-1))
      throw new ShapeError(`cdist: needs rows of one length in both, got ${text(x.shape)} and ${text(y.shape)}`);
    return x.unsqueeze(-2).sub(y.unsqueeze(-3)).norm(p, -1);
  },
);

/**
 * Computes the p-norm distances between the rows of a matrix, each pair once: n (n - 1) / 2 of them, as they stand above
 * the diagonal of `cdist`. Gradient: as of `cdist`. Same as torch.nn.functional.pdist.
 */
export const pdist: (x: Tensor, p?: number) => Tensor = composite((x: Tensor, p = 2) => {
  checkFloat("pdist", x);
  checkNorm("pdist", p);
  if (x.ndim !== 2) throw new ShapeError(`pdist: takes a matrix, got ${text(x.shape)}`);
  const [first, second] = combinations(arange(x.shape[0]!, { dtype: "int32", device: x.device })).unbind(1);
  return x.indexSelect(0, first!).sub(x.indexSelect(0, second!)).norm(p, 1);
});
