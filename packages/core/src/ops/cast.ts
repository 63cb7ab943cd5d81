import { type DType, isFloat } from "../dtype.js";
import { DTypeError } from "../errors.js";
import type { GradientRule } from "../autograd/rule.js";
import { defineOp, type Op } from "../program/node.js";
import { apply, type Tensor } from "../tensor.js";

const CAST: Op<GradientRule> = defineOp<GradientRule>("cast", [({ grad }) => grad]); // the driver casts back

/** Converts to another dtype; the same tensor if it has that dtype. Floats are cut towards zero, as in PyTorch. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const { name, backend } = x.device;
  if (!backend.dtypes.has(dtype))
    throw new DTypeError(`to: ${name} has no ${dtype}`, `it has ${[...backend.dtypes].join(", ")}`);
  return apply(CAST, [x], [], x.shape, dtype);
}

/** Converts ints and bools to float32 and leaves floats as they are: what `exp`, `mean` and the like compute in. */
export function toFloat(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x : cast(x, "float32");
}

/**
 * Computes in float32 what is float16, and rounds once: sums and squares on the way may be beyond 65504, and a mean or a
 * root of them is not.
 */
export function throughFloat32(x: Tensor, compute: (x: Tensor) => Tensor): Tensor {
  return x.dtype === "float16" ? cast(compute(cast(x, "float32")), "float16") : compute(x);
}
