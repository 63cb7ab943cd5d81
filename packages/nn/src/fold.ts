import type { Tensor } from "@downhill/core";
import { checkExtent, type Extent } from "./functional/extent.js";
import { checkFold, fold, type FoldOptions, unfold } from "./functional/fold.js";
import { Module } from "./module.js";
import { printExtent } from "./print-number.js";

abstract class BlockLayer extends Module {
  readonly kernelSize: Extent;
  readonly dilation: Extent;
  readonly padding: Extent;
  readonly stride: Extent;

  constructor(where: string, kernelSize: Extent, options: FoldOptions) {
    super();
    checkFold(where, kernelSize, options);
    this.kernelSize = kernelSize;
    this.dilation = options.dilation ?? 1;
    this.padding = options.padding ?? 0;
    this.stride = options.stride ?? 1;
  }

  protected get steps(): FoldOptions {
    const { dilation, padding, stride } = this;
    return { dilation, padding, stride };
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return Object.entries({ kernelSize, dilation, padding, stride })
      .map(([name, extent]) => `${name}=${printExtent(extent)}`)
      .join(", ");
  }
}

/**
 * Shows all blocks of images as columns: [N, C, H, W] gives [N, C · KH · KW, L]; see `functional.unfold`. Same as
 * torch.nn.Unfold.
 *
 * @example
 * new Unfold([2, 3]).forward(randn([2, 5, 3, 4])).shape; // [2, 30, 4]
 */
export class Unfold extends BlockLayer {
  constructor(kernelSize: Extent, options: FoldOptions = {}) {
    super("Unfold", kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.kernelSize, this.steps);
  }
}

/**
 * Puts blocks back into images, and adds where they overlap: [N, C · KH · KW, L] gives [N, C, ...outputSize]; see
 * `functional.fold`. Same as torch.nn.Fold.
 *
 * @example
 * new Fold([4, 5], [2, 2]).forward(randn([1, 12, 12])).shape; // [1, 3, 4, 5]
 */
export class Fold extends BlockLayer {
  readonly outputSize: Extent;

  constructor(outputSize: Extent, kernelSize: Extent, options: FoldOptions = {}) {
    super("Fold", kernelSize, options);
    checkExtent("Fold", "outputSize", outputSize, 2, 1);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.steps);
  }

  override extraRepr(): string {
    return `outputSize=${printExtent(this.outputSize)}, ${super.extraRepr()}`;
  }
}
