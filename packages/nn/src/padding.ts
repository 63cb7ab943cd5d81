import { pad, ShapeError, type Tensor } from "@downhill/core";
import { checkTensor, show, text, ValueError } from "@downhill/core/engine";
import { type SpatialDims, spatialNames } from "./functional/extent.js";
import { Module } from "./module.js";
import { needNumber } from "./option-checks.js";
import { printSizes } from "./print-number.js";

/** How much to add around: one number for all sides, or two per dim, before and after, from the last dim on. */
export type Padding = number | readonly number[];

const beside: Readonly<Record<SpatialDims, string>> = {
  1: "[left, right]",
  2: "[left, right, top, bottom]",
  3: "[left, right, top, bottom, front, back]",
};

/** Adds elements around the last dims. Negative numbers cut elements off. */
abstract class PaddingLayer extends Module {
  readonly padding: readonly number[];

  constructor(where: string, dims: SpatialDims, padding: Padding) {
    super();
    const sides = typeof padding === "number" ? new Array<number>(2 * dims).fill(padding) : padding;
    if (!Array.isArray(sides) || sides.length !== 2 * dims || !sides.every((side) => Number.isInteger(side)))
      throw new ValueError(`${where}: padding must be an integer or ${beside[dims]}, got ${show(padding)}`);
    this.padding = sides.slice() as readonly number[];
  }

  override extraRepr(): string {
    return printSizes(this.padding);
  }
}

/** Pads with one number, whatever dims the input has. */
abstract class ConstantPadding extends PaddingLayer {
  readonly value: number;

  constructor(where: string, dims: SpatialDims, padding: Padding, value: number) {
    super(where, dims, padding);
    this.value = needNumber(where, "value", value);
  }

  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { value: this.value });
  }

  override extraRepr(): string {
    return `padding=${printSizes(this.padding)}, value=${String(this.value)}`;
  }
}

/** Pads with the input's own elements. */
abstract class MirrorPadding extends PaddingLayer {
  protected readonly dims: SpatialDims;
  protected readonly mode: "reflect" | "replicate" | "circular";

  constructor(where: string, dims: SpatialDims, mode: "reflect" | "replicate" | "circular", padding: Padding) {
    super(where, dims, padding);
    this.dims = dims;
    this.mode = mode;
  }

  override forward(x: Tensor): Tensor {
    const { dims, mode } = this;
    checkTensor(this.constructor.name, x);
    if (x.ndim !== dims + 1 && x.ndim !== dims + 2) {
      const names = spatialNames[dims];
      throw new ShapeError(
        `${this.constructor.name}: the input must be [N, C, ${names}] or [C, ${names}], got shape ${text(x.shape)}`,
      );
    }
    return pad(x, this.padding, { mode });
  }
}

/**
 * Adds elements of one value around the last dim. Same as torch.nn.ConstantPad1d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 *
 * @example
 * new ConstantPad1d([1, 2], 9).forward(tensor([[1, 2]])); // tensor([[9., 1., 2., 9., 9.]])
 */
export class ConstantPad1d extends ConstantPadding {
  constructor(padding: Padding, value: number) {
    super("ConstantPad1d", 1, padding, value);
  }
}

/**
 * Adds elements of one value around the last two dims. Same as torch.nn.ConstantPad2d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 */
export class ConstantPad2d extends ConstantPadding {
  constructor(padding: Padding, value: number) {
    super("ConstantPad2d", 2, padding, value);
  }
}

/**
 * Adds elements of one value around the last three dims. Same as torch.nn.ConstantPad3d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 */
export class ConstantPad3d extends ConstantPadding {
  constructor(padding: Padding, value: number) {
    super("ConstantPad3d", 3, padding, value);
  }
}

/**
 * Adds zeros around the last dim. Same as torch.nn.ZeroPad1d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 *
 * @example
 * new ZeroPad1d(1).forward(tensor([[1, 2]])); // tensor([[0., 1., 2., 0.]])
 */
export class ZeroPad1d extends ConstantPadding {
  constructor(padding: Padding) {
    super("ZeroPad1d", 1, padding, 0);
  }

  override extraRepr(): string {
    return printSizes(this.padding);
  }
}

/**
 * Adds zeros around the last two dims. Same as torch.nn.ZeroPad2d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 *
 * @example
 * new ZeroPad2d([1, 0, 0, 1]).forward(tensor([[1, 2]])); // tensor([[0., 1., 2.], [0., 0., 0.]])
 */
export class ZeroPad2d extends ConstantPadding {
  constructor(padding: Padding) {
    super("ZeroPad2d", 2, padding, 0);
  }

  override extraRepr(): string {
    return printSizes(this.padding);
  }
}

/**
 * Adds zeros around the last three dims. Same as torch.nn.ZeroPad3d.
 *
 * @throws ValueError for padding that is not one number or two per dim.
 */
export class ZeroPad3d extends ConstantPadding {
  constructor(padding: Padding) {
    super("ZeroPad3d", 3, padding, 0);
  }

  override extraRepr(): string {
    return printSizes(this.padding);
  }
}

/**
 * Adds the mirror image of the last dim around it, without repeating the outermost element. Same as
 * torch.nn.ReflectionPad1d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 *
 * @example
 * new ReflectionPad1d(2).forward(tensor([[1, 2, 3]])); // tensor([[3., 2., 1., 2., 3., 2., 1.]])
 */
export class ReflectionPad1d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReflectionPad1d", 1, "reflect", padding);
  }
}

/**
 * Adds the mirror image of the last two dims around them, without repeating the outermost element. Same as
 * torch.nn.ReflectionPad2d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class ReflectionPad2d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReflectionPad2d", 2, "reflect", padding);
  }
}

/**
 * Adds the mirror image of the last three dims around them, without repeating the outermost element. Same as
 * torch.nn.ReflectionPad3d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class ReflectionPad3d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReflectionPad3d", 3, "reflect", padding);
  }
}

/**
 * Repeats the outermost elements of the last dim around it. Same as torch.nn.ReplicationPad1d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 *
 * @example
 * new ReplicationPad1d(2).forward(tensor([[1, 2, 3]])); // tensor([[1., 1., 1., 2., 3., 3., 3.]])
 */
export class ReplicationPad1d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReplicationPad1d", 1, "replicate", padding);
  }
}

/**
 * Repeats the outermost elements of the last two dims around them. Same as torch.nn.ReplicationPad2d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class ReplicationPad2d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReplicationPad2d", 2, "replicate", padding);
  }
}

/**
 * Repeats the outermost elements of the last three dims around them. Same as torch.nn.ReplicationPad3d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class ReplicationPad3d extends MirrorPadding {
  constructor(padding: Padding) {
    super("ReplicationPad3d", 3, "replicate", padding);
  }
}

/**
 * Adds the other end of the last dim at each side. Same as torch.nn.CircularPad1d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 *
 * @example
 * new CircularPad1d(2).forward(tensor([[1, 2, 3]])); // tensor([[2., 3., 1., 2., 3., 1., 2.]])
 */
export class CircularPad1d extends MirrorPadding {
  constructor(padding: Padding) {
    super("CircularPad1d", 1, "circular", padding);
  }
}

/**
 * Adds the other end of the last two dims at each side. Same as torch.nn.CircularPad2d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class CircularPad2d extends MirrorPadding {
  constructor(padding: Padding) {
    super("CircularPad2d", 2, "circular", padding);
  }
}

/**
 * Adds the other end of the last three dims at each side. Same as torch.nn.CircularPad3d.
 *
 * @throws ValueError for padding that is not one number or two per dim; ShapeError, in `forward`, for input of other dims.
 */
export class CircularPad3d extends MirrorPadding {
  constructor(padding: Padding) {
    super("CircularPad3d", 3, "circular", padding);
  }
}
