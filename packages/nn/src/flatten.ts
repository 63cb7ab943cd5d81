import { flatten, IndexError, type Tensor } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { Module } from "./module.js";

/**
 * Joins the dims from `startDim` to `endDim`, both included, into one: by default all but the batch's. Same as
 * torch.nn.Flatten.
 *
 * @throws IndexError, in `forward`, for dims that the input does not have.
 *
 * @example
 * new Flatten().forward(randn([32, 16, 7, 7])).shape; // [32, 784]
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    for (const [name, dim] of Object.entries({ startDim, endDim })) {
      if (!Number.isInteger(dim))
        throw new IndexError(`Flatten: ${name} must be an integer, got ${show(dim)}`, "write new Flatten(1, -1)");
    }
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `startDim=${this.startDim}, endDim=${this.endDim}`;
  }
}
