import { IndexError, ShapeError, type Tensor, unflatten } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { Module } from "./module.js";
import { printSizes } from "./print-number.js";

/**
 * Splits one dim into several; one of the sizes may be -1. Undoes `Flatten`. Same as torch.nn.Unflatten.
 *
 * @throws ShapeError, in `forward`, for sizes whose product is another.
 *
 * @example
 * new Unflatten(1, [2, 5, 5]).forward(randn([32, 50])).shape; // [32, 2, 5, 5]
 */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    if (!Number.isInteger(dim)) throw new IndexError(`Unflatten: dim must be an integer, got ${show(dim)}`);
    if (!Array.isArray(unflattenedSize) || !unflattenedSize.every((size) => Number.isInteger(size)))
      throw new ShapeError(`Unflatten: unflattenedSize must be an array of sizes, got ${show(unflattenedSize)}`);
    this.dim = dim;
    this.unflattenedSize = unflattenedSize.slice() as readonly number[];
  }

  override forward(x: Tensor): Tensor {
    return unflatten(x, this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattenedSize=${printSizes(this.unflattenedSize)}`;
  }
}
