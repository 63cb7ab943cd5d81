import { DTypeError, show, ValueError } from "./errors.js";

/**
 * Element types. PyTorch's int64 is int32 here; bool is stored as 0 or 1. The cpu
 * device, and every host array, keep a float16 as the float32 that it is too; a GPU keeps two bytes.
 */
export type DType = "float16" | "float32" | "float64" | "int32" | "uint8" | "bool";

/** What elements of a tensor are stored in on the host. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export const dtypes: readonly DType[] = ["bool", "uint8", "int32", "float16", "float32", "float64"];

interface ArrayType {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, address: number, length: number): TypedArray;
}

export const hostArrays: Record<DType, ArrayType> = {
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** Bytes of one element, in files and on a GPU. */
export const itemSize: Record<DType, number> = { float16: 2, float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 };

/** The dtype as a small number, for Program signatures. */
export const dtypeCode: Record<DType, number> = { bool: 0, uint8: 1, int32: 2, float16: 3, float32: 4, float64: 5 };

/** The same for a walk over Nodes: V8 compares names faster than it looks up a property that varies. */
export function codeOf(dtype: DType): number {
  if (dtype === "float32") return dtypeCode.float32;
  if (dtype === "int32") return dtypeCode.int32;
  return dtypeCode[dtype];
}

/** `itemSize` for a walk over Nodes. */
export const bytesOf = (dtype: DType): number => (dtype === "float32" ? itemSize.float32 : itemSize[dtype]);

/** Whether a dtype is one of floats. */
export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64" || dtype === "float16";

/** Makes a zeroed host array for `length` elements of `dtype`. */
export function hostArray(dtype: DType, length: number, where = "allocate"): TypedArray {
  try {
    return new hostArrays[dtype](length);
  } catch {
    const size = ((length * itemSize[dtype]) / 2 ** 30).toFixed(1);
    throw new ValueError(
      `${where}: no memory for ${length} elements of ${dtype} (${size} GiB)`,
      "make it smaller, or work in batches",
    );
  }
}

export function checkDType(where: string, dtype: unknown): DType {
  if (typeof dtype === "string" && (dtypes as readonly string[]).includes(dtype)) return dtype as DType;
  const hint =
    dtype === "int64" || dtype === "long" ? `PyTorch's int64 is "int32" here` : `one of ${dtypes.join(", ")}`;
  throw new DTypeError(`${where}: unknown dtype ${show(dtype)}`, hint);
}

// PyTorch's three categories: a higher category wins; within one, the wider dtype wins.
const category = (dtype: DType): number => (dtype === "bool" ? 0 : isFloat(dtype) ? 2 : 1);

/** The dtype two tensors of equal standing meet in. */
export function promote(a: DType, b: DType): DType {
  return dtypeCode[a] >= dtypeCode[b] ? a : b;
}

/** The numbers that an integer dtype holds. */
export const integerRange: Partial<Record<DType, readonly [least: number, most: number]>> = {
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** What decides a promotion: a dtype, and whether it comes from a tensor with dims, a 0-d tensor, or a plain number. */
export interface Operand {
  readonly dtype: DType;
  readonly rank: "tensor" | "zeroDim" | "number";
}

/**
 * The result dtype of an op over mixed operands, as torch.result_type: a 0-d tensor or a number widens the result only
 * when its category is higher than that of the operands with dims.
 */
export function resultType(operands: readonly Operand[]): DType {
  let result: DType | undefined;
  for (const rank of ["tensor", "zeroDim", "number"] as const) {
    let own: DType | undefined;
    for (const operand of operands) {
      if (operand.rank === rank) own = own === undefined ? operand.dtype : promote(own, operand.dtype);
    }
    if (own === undefined) continue;
    if (result === undefined || category(own) > category(result)) result = own;
  }
  return result ?? "float32";
}

/** The dtype that a plain number or boolean has by itself: true is bool, 2 is int32, 2.5 is float32. */
export function numberDType(value: number | boolean): DType {
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int32" : "float32";
}
