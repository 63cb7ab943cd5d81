import { DTypeError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** Checks the dtype of a layer's parameters: a float one; left out it is float32. */
export function checkLayerDType(where: string, dtype: unknown = "float32"): "float32" | "float64" {
  if (dtype === "float32" || dtype === "float64") return dtype;
  throw new DTypeError(`${where}: dtype must be "float32" or "float64", got ${show(dtype)}`);
}
