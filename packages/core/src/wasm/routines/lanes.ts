import type { Access, Code, Plain, ValueType } from "../assembler.js";
import type { Features } from "./features.js";

/** The dtypes that matrices have. */
export type MatrixType = "float32" | "float64" | "int32" | "uint8";

/** How a kernel computes with one dtype: on vectors of several elements, or on one where there are none. */
export interface Lanes {
  readonly dtype: MatrixType;
  /** Bytes of an element in memory. */
  readonly size: number;
  /** Elements of a vector; 1 without SIMD. */
  readonly count: number;
  /** The local that holds a vector. */
  readonly type: ValueType;
  readonly load: Access;
  readonly store: Access;
  /** Loads one element into all lanes. */
  readonly splat: Access;
  /** Loads one element into the first lane; the others are zero. */
  readonly first: Access;
  readonly add: Plain;
  readonly mul: Plain;
  /** x · y + z, fused. */
  readonly madd?: Plain;
  /** One element: its local, load, store and sum. */
  readonly element: { readonly type: ValueType; readonly load: Access; readonly store: Access; readonly add: Plain };
  /** Takes a lane out of a vector. */
  extract(code: Code, lane: number): void;
}

const nothing = (): void => undefined;

function scalar(dtype: MatrixType, size: number, type: "i32" | "f32" | "f64", load: Access, store: Access): Lanes {
  const add: Plain = `${type}.add`;
  return {
    dtype,
    size,
    count: 1,
    type,
    load,
    store,
    splat: load,
    first: load,
    add,
    mul: `${type}.mul`,
    element: { type, load, store, add },
    extract: nothing,
  };
}

const scalars: Record<MatrixType, Lanes> = {
  float32: scalar("float32", 4, "f32", "f32.load", "f32.store"),
  float64: scalar("float64", 8, "f64", "f64.load", "f64.store"),
  int32: scalar("int32", 4, "i32", "i32.load", "i32.store"),
  // 32-bit arithmetic, of which the low byte is stored: modulo 256.
  uint8: scalar("uint8", 1, "i32", "i32.load8_u", "i32.store8"),
};

function vector(base: Lanes, shape: "f32x4" | "f64x2" | "i32x4"): Lanes {
  const bits = base.size === 8 ? 64 : 32;
  return {
    ...base,
    count: 16 / base.size,
    type: "v128",
    load: "v128.load",
    store: "v128.store",
    splat: `v128.load${bits}_splat`,
    first: `v128.load${bits}_zero`,
    add: `${shape}.add`,
    mul: `${shape}.mul`,
    extract: (code, lane) => void code.lane(`${shape}.extract_lane`, lane),
  };
}

/** The lanes of a dtype, as wide as the features allow. Bytes are always taken one by one. */
export function lanesOf(dtype: MatrixType, features: Features): Lanes {
  const base = scalars[dtype];
  if (!features.simd || dtype === "uint8") return base;
  if (dtype === "int32") return vector(base, "i32x4");
  const shape = dtype === "float64" ? "f64x2" : "f32x4";
  const lanes = vector(base, shape);
  return features.relaxed ? { ...lanes, madd: `${shape}.relaxed_madd` } : lanes;
}

/** acc += x · y, for x and y in locals. */
export function multiplyAdd(code: Code, lanes: Lanes, x: number, y: number, acc: number): void {
  if (lanes.madd !== undefined) code.get(x).get(y).get(acc).op(lanes.madd).set(acc);
  else code.get(acc).get(x).get(y).op(lanes.mul).op(lanes.add).set(acc);
}

/** Sets a vector local to zero. */
export function clear(code: Code, lanes: Lanes, local: number): void {
  if (lanes.type === "v128") code.v128("i32x4", 0);
  else if (lanes.type === "f32") code.f32(0);
  else if (lanes.type === "f64") code.f64(0);
  else code.i32(0);
  code.set(local);
}

/** Adds each of `count` vectors across its lanes; leaves the sums as the lanes of the first. */
export function addAcross(code: Code, { add, count, size }: Lanes, vectors: readonly number[]): void {
  const pick = (x: number, y: number, order: readonly number[]): void => {
    code.get(x).get(y);
    code.shuffle(...order.flatMap((place) => Array.from({ length: size }, (_, i) => place * size + i)));
  };
  const [a, b, c, d] = vectors as [number, number, number, number];
  if (count === 2) {
    pick(a, b, [0, 2]);
    pick(a, b, [1, 3]);
    code.op(add).set(a);
  } else if (count === 4) {
    for (const [x, y] of [
      [a, b],
      [c, d],
    ] as const) {
      pick(x, y, [0, 4, 1, 5]);
      pick(x, y, [2, 6, 3, 7]);
      code.op(add).set(x);
    }
    pick(a, c, [0, 1, 4, 5]);
    pick(a, c, [2, 3, 6, 7]);
    code.op(add).set(a);
  }
}
