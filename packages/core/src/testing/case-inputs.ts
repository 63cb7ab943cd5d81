import { fromHost } from "../creation.js";
import type { Device } from "../backend/device.js";
import { type DType, hostArray, isFloat, type TypedArray } from "../dtype.js";
import { sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import type { Draws } from "./draws.js";
import type { OpCase } from "./op-case.js";

/** The dtypes that a case is tested in: what takes float32 takes float16. */
export function dtypesOf({ dtypes = ["float32", "float64"], half = true }: OpCase): readonly DType[] {
  return half && dtypes.includes("float32") && !dtypes.includes("float16") ? ["float16", ...dtypes] : dtypes;
}

/** Draws the elements of a case's inputs from its range; integers include both ends. */
export function drawCase(row: OpCase, dtype: DType, draws: Draws): TypedArray[] {
  const [low, high] = row.range ?? [-2, 2];
  const element = (): number => {
    if (isFloat(dtype)) return draws.real(low, high);
    if (dtype === "bool") return draws.below(2);
    const least = dtype === "uint8" ? Math.max(0, Math.ceil(low)) : Math.ceil(low);
    return least + draws.below(Math.floor(high) - least + 1);
  };
  return row.shapes.map((shape) => hostArray(dtype, sizeOf(shape)).map(element));
}

/** Makes a case's inputs of their elements. */
export function caseInputs(
  row: OpCase,
  dtype: DType,
  data: readonly TypedArray[],
  options: { device?: Device; requiresGrad?: boolean } = {},
): Tensor[] {
  return row.shapes.map((shape, i) => fromHost("case", data[i]!.slice(), shape, dtype, options));
}
