import { checkOptions, ShapeError, show, ValueError } from "../errors.js";
import { checkDim, sameShape, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { checkTensors } from "./define.js";
import { commonDType } from "./operand.js";
import { joined, toExpanded, toShape } from "./view.js";

type Join = (tensors: readonly Tensor[], dim?: number) => Tensor;

/**
 * Puts tensors one after the other along `dim`; all other sizes must be equal. Dtypes promote; an empty 1-D tensor
 * counts for nothing. Gradient: each gets its part. Same as torch.cat.
 *
 * @example
 * cat([rand([2, 3]), rand([4, 3])]).shape; // [6, 3]
 */
export const cat: Join = composite((tensors: readonly Tensor[], dim = 0): Tensor => {
  checkTensors("cat", tensors);
  return concatenated("cat", tensors, dim);
});

const isNothing = (x: Tensor): boolean => x.ndim === 1 && x.shape[0] === 0;

function concatenated(where: string, tensors: readonly Tensor[], dim: number): Tensor {
  const [first] = tensors.filter((x) => !isNothing(x));
  const shape = (first ?? tensors[0]!).shape;
  const d = checkDim(where, dim, shape.length);
  for (const x of tensors) {
    if (x.ndim === 0)
      throw new ShapeError(`${where}: a 0-d tensor has no dim to join along`, "join 0-d tensors with stack([...])");
    if (isNothing(x)) continue;
    if (x.ndim !== shape.length || x.shape.some((size, i) => i !== d && size !== shape[i])) {
      throw new ShapeError(
        `${where}: shapes ${text(shape)} and ${text(x.shape)} differ outside dim ${dim}`,
        "all other sizes must be equal",
      );
    }
  }
  const dtype = commonDType(...tensors);
  // What is left out still takes part in the graph: its gradient is empty, not null.
  const parts = tensors.map((x) => toShape(cast(x, dtype), isNothing(x) ? shape.with(d, 0) : x.shape));
  return joined(parts, d);
}

/** Puts tensors of one shape side by side along a new dim. Gradients: each tensor's part of grad. Same as torch.stack. */
export const stack: Join = composite((tensors: readonly Tensor[], dim = 0): Tensor => {
  checkTensors("stack", tensors);
  const { shape } = tensors[0]!;
  const d = checkDim("stack", dim, shape.length + 1);
  for (const x of tensors) {
    if (!sameShape(x.shape, shape))
      throw new ShapeError(`stack: needs tensors of one shape, got ${text(shape)} and ${text(x.shape)}`);
  }
  const dtype = commonDType(...tensors);
  const one = shape.toSpliced(d, 0, 1);
  return joined(
    tensors.map((x) => toShape(cast(x, dtype), one)),
    d,
  );
});

type Pile = (tensors: readonly Tensor[]) => Tensor;

/**
 * Joins along dim 1, or dim 0 for 1-D tensors; 0-d tensors count as [1]. Gradients: each tensor's part of grad. Same as
 * torch.hstack.
 */
export const hstack: Pile = composite((tensors: readonly Tensor[]): Tensor => {
  checkTensors("hstack", tensors);
  const rows = tensors.map((x) => (x.ndim === 0 ? toShape(x, [1]) : x));
  return concatenated("hstack", rows, rows[0]!.ndim === 1 ? 0 : 1);
});

/** Joins along dim 0; 1-D tensors count as rows. Gradients: each tensor's part of grad. Same as torch.vstack. */
export const vstack: Pile = composite((tensors: readonly Tensor[]): Tensor => {
  checkTensors("vstack", tensors);
  const rows = tensors.map((x) => (x.ndim < 2 ? toShape(x, [1, x.numel()]) : x));
  return concatenated("vstack", rows, 0);
});

type Meshgrid = (tensors: readonly Tensor[], options?: { readonly indexing?: "ij" | "xy" }) => Tensor[];

/**
 * Makes coordinate grids of 1-D tensors: result `i` has the values of tensor `i` along dim `i`. With indexing "xy" the
 * first two dims swap, for plots. Gradients: grad, summed over the other tensors' dims. Same as torch.meshgrid.
 *
 * @example
 * const [rows, columns] = meshgrid([arange(2), arange(3)]); // both [2, 3]
 */
export const meshgrid: Meshgrid = composite(
  (tensors: readonly Tensor[], options: { readonly indexing?: "ij" | "xy" } = {}): Tensor[] => {
    checkTensors("meshgrid", tensors);
    checkOptions("meshgrid", options, ["indexing"]);
    const { indexing = "ij" } = options;
    if (!["ij", "xy"].includes(indexing))
      throw new ValueError(`meshgrid: indexing must be "ij" or "xy", got ${show(indexing)}`);
    for (const x of tensors)
      if (x.ndim > 1) throw new ShapeError(`meshgrid: takes 0-d and 1-D tensors, got ${text(x.shape)}`);
    const order = tensors.map((_, i) => (indexing === "xy" && i < 2 && tensors.length > 1 ? 1 - i : i));
    const sizes = order.map((i) => tensors[i]!.numel());
    return tensors.map((x, i) =>
      toExpanded(
        toShape(
          x,
          sizes.map((size, dim) => (order[dim] === i ? size : 1)),
        ),
        sizes,
      ),
    );
  },
);
