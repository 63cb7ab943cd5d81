import type { Tensor } from "../tensor.js";

/** A tensor that the type checker knows to be bool, such as what a comparison gives; `x.bool()` makes one. */
export type Mask = Tensor & { readonly dtype: "bool" };
