import { type DType, DTypeError } from "@downhill/core";
import { isFloat, show } from "@downhill/core/engine";

/** Checks the dtype of a layer's parameters: a float one; left out it is float32. */
export function checkLayerDType(where: string, dtype: unknown = "float32"): DType {
  if (isFloat(dtype as DType)) return dtype as DType;
  throw new DTypeError(`${where}: dtype must be "float16", "float32" or "float64", got ${show(dtype)}`);
}
