import { checkCount } from "../shape.js";
import { composite, scalar, type Tensor } from "../tensor.js";
import { checkIndex, writeAlong } from "./index-access.js";
import { toExpanded, toShape } from "./view.js";

type OneHot = (x: Tensor, numClasses: number) => Tensor;

/**
 * Makes int32 rows of `numClasses` zeros with a one at each class of x, an int32 tensor: shape [..., numClasses]. The
 * number of classes is not taken from the values, which are not known yet. No gradient: int32 has none. Same as
 * torch.nn.functional.one_hot.
 *
 * @throws DTypeError when x is not int32. IndexError, when the result is read, for a class outside 0..numClasses-1.
 *
 * @example
 * oneHot(tensor([0, 2], { dtype: "int32" }), 3); // tensor([[1, 0, 0], [0, 0, 1]])
 */
export const oneHot: OneHot = composite((x: Tensor, numClasses: number): Tensor => {
  checkIndex("oneHot", x);
  checkCount("oneHot", "numClasses", numClasses, 1);
  const zeros = toExpanded(scalar(0, "int32", x.device), [...x.shape, numClasses]);
  const index = toShape(x, [...x.shape, 1]);
  return writeAlong(zeros, x.ndim, index, scalar(1, "int32", x.device), false, { caller: "oneHot", named: -1 });
});
