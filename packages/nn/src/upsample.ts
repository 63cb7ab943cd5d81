import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import {
  checkInterpolate,
  interpolate,
  type InterpolateMode,
  type InterpolateOptions,
} from "./functional/interpolate.js";
import { Module } from "./module.js";
import { printExtent, printFloat } from "./print-number.js";

/** What `new Upsample` takes: all of `functional.interpolate` but antialiasing. */
export type UpsampleOptions = Omit<InterpolateOptions, "antialias">;
/** What the layers of one mode take. */
export type UpsamplingOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;

/**
 * Resizes the spatial dims of [N, C, L], [N, C, H, W] or [N, C, D, H, W]; see `functional.interpolate`. Same as
 * torch.nn.Upsample.
 *
 * @throws ValueError unless there is either a size or a factor, and for options that the mode does not know.
 *
 * @example
 * new Upsample({ scaleFactor: 2, mode: "bilinear" }).forward(randn([1, 3, 8, 8])).shape; // [1, 3, 16, 16]
 */
export class Upsample extends Module {
  readonly size: InterpolateOptions["size"];
  readonly scaleFactor: InterpolateOptions["scaleFactor"];
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(options: UpsampleOptions) {
    super();
    checkOptions("Upsample", options, ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor"]);
    const checked = checkInterpolate("Upsample", options);
    this.size = checked.size;
    this.scaleFactor = checked.scaleFactor;
    this.mode = checked.mode;
    this.alignCorners = checked.alignCorners;
    this.recomputeScaleFactor = checked.recomputeScaleFactor;
  }

  override forward(x: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(x, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } as InterpolateOptions);
  }

  override extraRepr(): string {
    const { size = null, scaleFactor = null, mode } = this;
    const factor =
      typeof scaleFactor === "number" ? printFloat(scaleFactor) : `(${(scaleFactor ?? []).map(printFloat).join(", ")})`;
    return `${size === null ? `scaleFactor=${factor}` : `size=${printExtent(size)}`}, mode='${mode}'`;
  }
}

/**
 * Enlarges images [N, C, H, W] by copying the nearest pixel. Same as torch.nn.UpsamplingNearest2d.
 *
 * @throws ValueError unless there is either a size or a factor.
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    checkOptions("UpsamplingNearest2d", options, ["size", "scaleFactor"]);
    super({ ...options, mode: "nearest" });
  }
}

/**
 * Enlarges images [N, C, H, W] by weighting the pixels beside, with the corners kept. Same as
 * torch.nn.UpsamplingBilinear2d.
 *
 * @throws ValueError unless there is either a size or a factor.
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: UpsamplingOptions) {
    checkOptions("UpsamplingBilinear2d", options, ["size", "scaleFactor"]);
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}
