import { ShapeError, softmax, type Tensor } from "@downhill/core";
import { checkTensor, text } from "@downhill/core/engine";
import { DimActivation } from "./activation-bases.js";
import { glu, softmin } from "./functional/activations.js";
import { Module } from "./module.js";

/** The softmax of -x along a dim. Same as torch.nn.Softmin. */
export class Softmin extends DimActivation {
  constructor(dim: number) {
    super("Softmin", dim);
  }

  override forward(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }
}

/**
 * Halves a dim into a and b, and gives a · sigmoid(b). Same as torch.nn.GLU.
 *
 * @example
 * new GLU().forward(tensor([1, 2, 0, 0])); // tensor([0.5000, 1.0000])
 */
export class GLU extends DimActivation {
  constructor(dim: number = -1) {
    super("GLU", dim);
  }

  override forward(x: Tensor): Tensor {
    return glu(x, this.dim);
  }
}

/** Softmax over the channels of images [N, C, H, W] or [C, H, W]. Same as torch.nn.Softmax2d. */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor("Softmax2d", x);
    if (x.ndim !== 3 && x.ndim !== 4)
      throw new ShapeError(`Softmax2d: the input must be [N, C, H, W] or [C, H, W], got shape ${text(x.shape)}`);
    return softmax(x, -3);
  }
}
