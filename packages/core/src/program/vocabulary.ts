/**
 * The primitives: every op that a Backend must know, by family. Tables in the interpreter and in each code generator
 * are keyed by these names, so a new word does not compile until all of them know it.
 */

/** One value in, one value out; output shape and (but for `cast` and the tests) dtype are the input's. */
export type UnaryName =
  | "copy"
  | "cast"
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "expm1"
  | "log"
  | "log2"
  | "log10"
  | "log1p"
  | "sqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "erf"
  | "erfc"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  /** To the nearest float16, in the input's own dtype. */
  | "half"
  | "logicalNot";

/** Two values of one dtype in, broadcast; comparisons give bool. */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "floorDivide"
  | "remainder"
  | "fmod"
  | "pow"
  | "maximum"
  | "minimum"
  | "atan2"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "and"
  | "or"
  | "xor";

/** Over the dims in attrs [keepdim, ...dims]; argmax and argmin take one dim and give int32. */
export type ReduceName = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";

/** The same elements in other places. */
export type MoveName = "reshape" | "permute" | "expand" | "flip" | "slice" | "unslice" | "windows";

/** Running results along the dim in attrs. */
export type ScanName = "cumsum" | "cumprod";

/**
 * Everything else: the condition's choice, matrix products, reading and writing by index tensors, joining, sorting,
 * counting, random numbers, and a body that runs again and again (recurring.ts).
 */
export type OtherName = "where" | "matmul" | "gather" | "scatter" | "cat" | "argsort" | "iota" | "uniform" | "recur";

/** The name of a primitive, which every backend must know. */
export type PrimitiveName = UnaryName | BinaryName | ReduceName | MoveName | ScanName | OtherName;
