import { isFloat } from "../dtype.js";
import { defineOp } from "../program/node.js";
import { apply, composite, Tensor } from "../tensor.js";
import type { BinaryName } from "../program/vocabulary.js";
import { binary, checkTensor } from "./define.js";
import type { Mask } from "./mask.js";
import { fits, type Value } from "./operand.js";

// Comparisons and tests have no gradient, and give bool.

/** A test of pairs of elements, broadcasting. */
export type Comparison = (x: Value, y: Value) => Mask;
/** A test of each element. */
export type Test = (x: Tensor) => Mask;

function comparison(name: BinaryName, options: { readonly as?: string; readonly swapped?: boolean } = {}): Comparison {
  const compare = binary(name, null, { ...options, result: "bool" }) as Comparison;
  // A number beyond an integer dtype can be compared with it all the same: in float64, which holds both.
  const wide = composite((x: Value, y: Value) => compare(inFloat64(x), inFloat64(y)));
  return (x, y) => (isBeyond(x, y) || isBeyond(y, x) ? wide(x, y) : compare(x, y));
}

const inFloat64 = (x: Value): Value => (x instanceof Tensor ? x.to("float64") : x);

const isBeyond = (x: Value, y: Value): boolean =>
  x instanceof Tensor && typeof y === "number" && Number.isInteger(y) && !fits(y, x.dtype);

/** Whether x = y. No gradient: bools have none. Same as torch.eq. */
export const eq: Comparison = comparison("eq");
/** Whether x ≠ y; true for NaN beside anything. No gradient: bools have none. Same as torch.ne. */
export const ne: Comparison = comparison("ne");
/** Whether x < y. No gradient: bools have none. Same as torch.lt. */
export const lt: Comparison = comparison("lt");
/** Whether x ≤ y. No gradient: bools have none. Same as torch.le. */
export const le: Comparison = comparison("le");
/** Whether x > y. No gradient: bools have none. Same as torch.gt. */
export const gt: Comparison = comparison("lt", { as: "gt", swapped: true });
/** Whether x ≥ y. No gradient: bools have none. Same as torch.ge. */
export const ge: Comparison = comparison("le", { as: "ge", swapped: true });

/**
 * Whether both are true; a number is true when it is not 0, and so is NaN. No gradient: bools have none. Same as
 * torch.logical_and.
 */
export const logicalAnd: Comparison = comparison("and", { as: "logicalAnd" });
/** Whether one or both are true. No gradient: bools have none. Same as torch.logical_or. */
export const logicalOr: Comparison = comparison("or", { as: "logicalOr" });
/** Whether exactly one is true. No gradient: bools have none. Same as torch.logical_xor. */
export const logicalXor: Comparison = comparison("xor", { as: "logicalXor" });

const NOT = defineOp<never>("logicalNot", null);

/** Whether an element is false, or 0. No gradient: bools have none. Same as torch.logical_not. */
export const logicalNot: Test = (x) => {
  checkTensor("logicalNot", x);
  return apply(NOT, [x], [], x.shape, "bool") as Mask;
};

/** Whether an element is NaN; never for integers and bools. No gradient: bools have none. Same as torch.isnan. */
export const isnan: Test = (x) => {
  checkTensor("isnan", x);
  return ne(x, x);
};

/** Whether an element is Infinity or -Infinity. No gradient: bools have none. Same as torch.isinf. */
export const isinf: Test = composite((x: Tensor) => {
  checkTensor("isinf", x);
  return isFloat(x.dtype) ? eq(x.abs(), Infinity) : ne(x, x);
});

/**
 * Whether an element is a number that is neither NaN nor infinite. No gradient: bools have none. Same as torch.isfinite.
 */
export const isfinite: Test = composite((x: Tensor) => {
  checkTensor("isfinite", x);
  return isFloat(x.dtype) ? lt(x.abs(), Infinity) : eq(x, x);
});
