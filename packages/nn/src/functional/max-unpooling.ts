import { DTypeError, ShapeError, type Tensor, zeros } from "@downhill/core";
import { checkOptions, checkTensor, composite, sameShape, sizeOf, text } from "@downhill/core/engine";
import { checkSpatial } from "./conv-operands.js";
import { across, checkExtent, type Extent, type SpatialDims } from "./extent.js";

/** The options of `functional.maxUnpool1d` and its relatives. */
export interface MaxUnpoolOptions {
  /** Elements from one window to the next. Default: the kernel size, side by side. */
  readonly stride?: Extent | null;
  /** Places outside that windows reached into, on each side. Default 0. */
  readonly padding?: Extent;
  /** The sizes of the result's spatial dims, as several sizes pool to one; dims in front may be there, too. */
  readonly outputSize?: readonly number[] | null;
}

type MaxUnpool = (x: Tensor, indices: Tensor, kernelSize: Extent, options?: MaxUnpoolOptions) => Tensor;

/** The sizes that pool to those of x: the one that is asked for, or the least. */
function unpooledSizes(
  where: string,
  dims: SpatialDims,
  x: Tensor,
  kernelSize: Extent,
  options: MaxUnpoolOptions,
): number[] {
  const kernel = checkExtent(where, "kernelSize", kernelSize, dims, 1);
  const stride = checkExtent(where, "stride", options.stride ?? kernel, dims, 1);
  const padding = checkExtent(where, "padding", options.padding ?? 0, dims, 0);
  const least = x.shape.slice(-dims).map((size, i) => (size - 1) * stride[i]! + kernel[i]! - 2 * padding[i]!);
  const { outputSize = null } = options;
  if (outputSize === null) return least;
  const wanted = outputSize.slice(-dims);
  const fits = wanted.length === dims && wanted.every((size, i) => Math.abs(size - least[i]!) < stride[i]!);
  if (fits) return wanted;
  throw new ShapeError(
    `${where}: an input of shape ${text(x.shape)} cannot become ${text(outputSize)}`,
    `each size must be within a stride, ${across(stride)}, of ${across(least)}`,
  );
}

/* @__NO_SIDE_EFFECTS__ */
const unpool = (where: string, dims: SpatialDims): MaxUnpool =>
  composite((x: Tensor, indices: Tensor, kernelSize: Extent, options: MaxUnpoolOptions = {}) => {
    checkOptions(where, options, ["stride", "padding", "outputSize"]);
    checkSpatial(where, x, dims);
    checkTensor(where, indices);
    if (indices.dtype !== "int32")
      throw new DTypeError(`${where}: the indices must be int32, got ${indices.dtype}`, "they come from the max pool");
    if (!sameShape(indices.shape, x.shape))
      throw new ShapeError(
        `${where}: the indices must have the input's shape, ${text(x.shape)}, got ${text(indices.shape)}`,
      );
    const sizes = unpooledSizes(where, dims, x, kernelSize, options);
    const lead = x.shape.slice(0, -dims);
    const empty = zeros([...lead, sizeOf(sizes)], { dtype: x.dtype as "float32", device: x.device });
    const flat = [...lead, sizeOf(x.shape.slice(-dims))];
    return empty.scatter(lead.length, indices.reshape(flat), x.reshape(flat)).reshape([...lead, ...sizes]);
  });

/**
 * Puts what `maxPool1d` found back where it was, with zeros elsewhere. Same as torch.nn.functional.max_unpool1d.
 *
 * @throws ShapeError for sizes that do not fit; DTypeError for indices that are no int32; IndexError, when the result is
 * computed, for indices outside it.
 *
 * @example
 * const [values, indices] = functional.maxPool1d(tensor([[1, 3, 2, 0]]), 2, { returnIndices: true });
 * functional.maxUnpool1d(values, indices, 2); // tensor([[0., 3., 2., 0.]])
 */
export const maxUnpool1d: MaxUnpool = unpool("maxUnpool1d", 1);

/**
 * Puts what `maxPool2d` found back where it was, with zeros elsewhere. Same as torch.nn.functional.max_unpool2d.
 *
 * @throws ShapeError for sizes that do not fit; DTypeError for indices that are no int32; IndexError, when the result is
 * computed, for indices outside it.
 */
export const maxUnpool2d: MaxUnpool = unpool("maxUnpool2d", 2);

/**
 * Puts what `maxPool3d` found back where it was, with zeros elsewhere. Same as torch.nn.functional.max_unpool3d.
 *
 * @throws ShapeError for sizes that do not fit; DTypeError for indices that are no int32; IndexError, when the result is
 * computed, for indices outside it.
 */
export const maxUnpool3d: MaxUnpool = unpool("maxUnpool3d", 3);
