import { checkOptions, ShapeError } from "../../errors.js";
import { checkCount, text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { fromHost } from "../../creation.js";
import { checkTensor, checkTensors } from "../define.js";
import { cat, meshgrid, stack } from "../joining.js";
import { commonDType } from "../operand.js";
import { pad } from "../padding.js";
import { toShape } from "../view.js";

type AtLeast = (x: Tensor) => Tensor;

/* @__NO_SIDE_EFFECTS__ */
const atLeast = (name: string, shaped: (shape: readonly number[]) => readonly number[]): AtLeast =>
  composite((x: Tensor) => {
    checkTensor(name, x);
    return toShape(x, shaped(x.shape));
  });

/** Gives a 0-d tensor one dim, and others back as they are. Gradient: grad, in the shape of x. Same as torch.atleast_1d. */
export const atleast1d: AtLeast = atLeast("atleast1d", (shape) => (shape.length > 0 ? shape : [1]));
/**
 * Gives a tensor of fewer than two dims two: a vector becomes a row. Gradient: grad, in the shape of x. Same as
 * torch.atleast_2d.
 */
export const atleast2d: AtLeast = atLeast("atleast2d", rows);
/**
 * Gives a tensor of fewer than three dims three: [n] becomes [1, n, 1], [m, n] becomes [m, n, 1]. Gradient: grad, in the
 * shape of x. Same as torch.atleast_3d.
 */
export const atleast3d: AtLeast = atLeast("atleast3d", (shape) => (shape.length > 2 ? shape : [...rows(shape), 1]));

function rows(shape: readonly number[]): readonly number[] {
  return shape.length > 1 ? shape : [1, shape[0] ?? 1];
}

type Pile = (tensors: readonly Tensor[]) => Tensor;

/**
 * Joins along dim 1; tensors of fewer than two dims count as columns. Gradients: each tensor's part of grad. Same as
 * torch.column_stack.
 *
 * @example
 * columnStack([tensor([1, 2]), tensor([3, 4])]); // tensor([[1., 3.], [2., 4.]])
 */
export const columnStack: Pile = composite((tensors: readonly Tensor[]) => {
  checkTensors("columnStack", tensors);
  return cat(
    tensors.map((x) => (x.ndim < 2 ? toShape(x, [x.numel(), 1]) : x)),
    1,
  );
});

/** Joins along dim 2, after `atleast3d`. Gradients: each tensor's part of grad. Same as torch.dstack. */
export const dstack: Pile = composite((tensors: readonly Tensor[]) => {
  checkTensors("dstack", tensors);
  return cat(tensors.map(atleast3d), 2);
});

/**
 * Puts matrices on the diagonal of one, with zeros elsewhere; vectors count as rows. Gradients: each tensor's part of
 * grad. Same as torch.block_diag.
 *
 * @example
 * blockDiag([ones([1, 2]), ones([2, 1])]).shape; // [3, 3]
 */
export const blockDiag: Pile = composite((tensors: readonly Tensor[]) => {
  checkTensors("blockDiag", tensors);
  const blocks = tensors.map(atleast2d);
  for (const { ndim, shape } of blocks)
    if (ndim > 2) throw new ShapeError(`blockDiag: takes tensors of up to two dims, got ${text(shape)}`);
  const width = blocks.reduce((sum, { shape }) => sum + shape[1]!, 0);
  const dtype = commonDType(...tensors);
  let before = 0;
  return cat(
    blocks.map((block) => {
      const left = before;
      before += block.shape[1]!;
      return pad(block.to(dtype), [left, width - before]);
    }),
  );
});

/**
 * Makes all ways to take one element of each vector, a row each: [count, vectors]. Of one vector, itself. Gradients: grad,
 * added up where an element was taken. Same as torch.cartesian_prod.
 *
 * @example
 * cartesianProd([tensor([1, 2]), tensor([3, 4])]); // tensor([[1., 3.], [1., 4.], [2., 3.], [2., 4.]])
 */
export const cartesianProd: Pile = composite((tensors: readonly Tensor[]) => {
  checkTensors("cartesianProd", tensors);
  for (const x of tensors)
    if (x.ndim !== 1) throw new ShapeError(`cartesianProd: takes vectors, got ${text(x.shape)}`, "write x.flatten()");
  if (tensors.length === 1) return tensors[0]!;
  const dtype = commonDType(...tensors);
  return stack(
    meshgrid(tensors).map((grid) => grid.flatten().to(dtype)),
    1,
  );
});

/** The options of `combinations`. */
export interface CombinationsOptions {
  /** An element may be taken again. */
  readonly withReplacement?: boolean;
}

/**
 * Makes all ways to take `r` elements of a vector in its order, a row each. Gradient: grad, added up where an element was
 * taken. Same as torch.combinations.
 *
 * @throws ShapeError for what is no vector.
 *
 * @example
 * combinations(tensor([1, 2, 3])); // tensor([[1., 2.], [1., 3.], [2., 3.]])
 */
export const combinations: (x: Tensor, r?: number, options?: CombinationsOptions) => Tensor = composite(
  (x: Tensor, r = 2, options: CombinationsOptions = {}) => {
    checkTensor("combinations", x);
    checkOptions("combinations", options, ["withReplacement"]);
    if (x.ndim !== 1) throw new ShapeError(`combinations: takes a vector, got ${text(x.shape)}`, "write x.flatten()");
    checkCount("combinations", "r", r, 1);
    const chosen = choices(x.numel(), r, options.withReplacement ?? false);
    const places = fromHost("combinations", Int32Array.from(chosen), [chosen.length], "int32", { device: x.device });
    return toShape(x.indexSelect(0, places), [chosen.length / r, r]);
  },
);

/** All ways to choose `r` of the places below `count`, in order, one after the other. */
function choices(count: number, r: number, again: boolean): number[] {
  const found: number[] = [];
  const chosen: number[] = [];
  const choose = (from: number): void => {
    if (chosen.length === r) {
      for (const place of chosen) found.push(place);
      return;
    }
    for (let place = from; place < count; place++) {
      chosen.push(place);
      choose(again ? place : place + 1);
      chosen.pop();
    }
  };
  choose(0);
  return found;
}
