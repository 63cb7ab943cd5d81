import type { DType, TypedArray } from "./dtype.js";
import type { Shape } from "./shape.js";

/** Numbers or booleans nested as deep as the tensor has dims. */
export type Nested = number | boolean | Nested[];

/** An element as it is read: a boolean for bool. */
export const elementOf = (x: number, dtype: DType): number | boolean => (dtype === "bool" ? x !== 0 : x);

/** Nests row-major elements by shape. */
export function nest(data: TypedArray, shape: Shape, dtype: DType): Nested {
  let at = 0;
  const level = (dim: number): Nested => {
    if (dim === shape.length) return elementOf(data[at++]!, dtype);
    const list: Nested[] = [];
    for (let i = 0; i < shape[dim]!; i++) list.push(level(dim + 1));
    return list;
  };
  return level(0);
}
