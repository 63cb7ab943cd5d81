import { isFloat } from "../../dtype.js";
import { checkOptions, DTypeError } from "../../errors.js";
import { checkDims, sizeOf } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkTensor } from "../define.js";
import type { Dims, SumOptions } from "../reduce.js";

type Mean = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

function checkFloat(name: string, x: Tensor, dtype = x.dtype): void {
  if (isFloat(dtype)) return;
  const how = name === "mean" ? `x.mean(dim, { dtype: "float32" })` : `x.to("float32").${name}(…)`;
  throw new DTypeError(`${name}: needs a float dtype, got ${dtype}`, `write ${how}`);
}

/** Averages over dims, or all of them; of nothing it is NaN. Gradient: grad / count. Same as torch.mean. */
export const mean: Mean = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}): Tensor => {
  checkTensor("mean", x);
  checkOptions("mean", options, ["keepdim", "dtype"]);
  const dims = checkDims("mean", dim, x.ndim);
  checkFloat("mean", x, options.dtype);
  return x.sum(dims, options).div(sizeOf(dims.map((d) => x.shape[d]!)));
});
