import { isFloat } from "../dtype.js";
import { defineOp } from "../program/node.js";
import { apply, composite, type Tensor } from "../tensor.js";
import { type Binary, binary, checkTensor, type Unary } from "./define.js";

// Comparisons and tests have no gradient, and give bool.

/** Whether x = y. Same as torch.eq. */
export const eq: Binary = binary("eq", null, { result: "bool" });
/** Whether x ≠ y; true for NaN beside anything. Same as torch.ne. */
export const ne: Binary = binary("ne", null, { result: "bool" });
/** Whether x < y. Same as torch.lt. */
export const lt: Binary = binary("lt", null, { result: "bool" });
/** Whether x ≤ y. Same as torch.le. */
export const le: Binary = binary("le", null, { result: "bool" });
/** Whether x > y. Same as torch.gt. */
export const gt: Binary = binary("lt", null, { as: "gt", swapped: true, result: "bool" });
/** Whether x ≥ y. Same as torch.ge. */
export const ge: Binary = binary("le", null, { as: "ge", swapped: true, result: "bool" });

/** Whether both are true; a number is true when it is not 0, and so is NaN. Same as torch.logical_and. */
export const logicalAnd: Binary = binary("and", null, { as: "logicalAnd", result: "bool" });
/** Whether one or both are true. Same as torch.logical_or. */
export const logicalOr: Binary = binary("or", null, { as: "logicalOr", result: "bool" });
/** Whether exactly one is true. Same as torch.logical_xor. */
export const logicalXor: Binary = binary("xor", null, { as: "logicalXor", result: "bool" });

const NOT = defineOp<never>("logicalNot", null);

/** Whether an element is false, or 0. Same as torch.logical_not. */
export const logicalNot: Unary = (x) => {
  checkTensor("logicalNot", x);
  return apply(NOT, [x], [], x.shape, "bool");
};

/** Whether an element is NaN; never for integers and bools. Same as torch.isnan. */
export const isnan: Unary = (x) => {
  checkTensor("isnan", x);
  return ne(x, x);
};

/** Whether an element is Infinity or -Infinity. Same as torch.isinf. */
export const isinf: Unary = composite((x: Tensor) => {
  checkTensor("isinf", x);
  return isFloat(x.dtype) ? eq(x.abs(), Infinity) : ne(x, x);
});

/** Whether an element is a number that is neither NaN nor infinite. Same as torch.isfinite. */
export const isfinite: Unary = composite((x: Tensor) => {
  checkTensor("isfinite", x);
  return isFloat(x.dtype) ? lt(x.abs(), Infinity) : eq(x, x);
});
