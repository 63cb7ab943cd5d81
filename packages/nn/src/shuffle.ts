import type { Tensor } from "@downhill/core";
import { checkCount } from "@downhill/core/engine";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "./functional/shuffle.js";
import { Module } from "./module.js";

/**
 * Makes larger images of more channels: [..., C · r², H, W] gives [..., C, H · r, W · r]; see `functional.pixelShuffle`.
 * Same as torch.nn.PixelShuffle.
 *
 * @throws ShapeError, in `forward`, for channels that r² does not divide.
 *
 * @example
 * new PixelShuffle(3).forward(randn([1, 9, 4, 4])).shape; // [1, 1, 12, 12]
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = checkCount("PixelShuffle", "upscaleFactor", upscaleFactor, 1);
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }
}

/**
 * Undoes `PixelShuffle`: [..., C, H · r, W · r] gives [..., C · r², H, W]. Same as torch.nn.PixelUnshuffle.
 *
 * @throws ShapeError, in `forward`, for a height or width that r does not divide.
 *
 * @example
 * new PixelUnshuffle(3).forward(randn([1, 1, 12, 12])).shape; // [1, 9, 4, 4]
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = checkCount("PixelUnshuffle", "downscaleFactor", downscaleFactor, 1);
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`;
  }
}

/**
 * Mixes groups of channels of [N, C, …]; see `functional.channelShuffle`. Same as torch.nn.ChannelShuffle.
 *
 * @throws ShapeError, in `forward`, for channels that do not divide into the groups.
 *
 * @example
 * new ChannelShuffle(2).forward(tensor([[[1], [2], [3], [4]]])); // tensor([[[1.], [3.], [2.], [4.]]])
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = checkCount("ChannelShuffle", "groups", groups, 1);
  }

  override forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
