import type { DType } from "../../dtype.js";
import { itemSize } from "../../dtype.js";
import type { Code } from "../assembler.js";
import type { Values } from "./values.js";

/** Puts the address `local` + `bytes` on the stack and returns what is left for the instruction's own offset. */
function address(code: Code, local: number, bytes: number): number {
  code.get(local);
  if (bytes >= 0) return bytes;
  code.i32(bytes).op("i32.add");
  return 0;
}

/** Loads one element as the i32, f32 or f64 it is in a register; masks of bools are -1 or 0. */
function loadOne(code: Code, dtype: DType, pointer: number, bytes: number): void {
  if (dtype === "bool") code.i32(0);
  const offset = address(code, pointer, bytes);
  if (dtype === "float32") code.memory("f32.load", offset);
  else if (dtype === "float64") code.memory("f64.load", offset);
  else if (dtype === "int32") code.memory("i32.load", offset);
  else code.memory("i32.load8_u", offset);
  if (dtype === "bool") code.op("i32.sub");
}

/** Loads the lanes of a vector (or the one element), `stride` elements apart, from the address in `pointer` on. */
export function loadLanes(values: Values, dtype: DType, pointer: number, stride: number, bytes: number): number {
  const { code, width } = values;
  const size = itemSize[dtype];
  if (width === 1) {
    loadOne(code, dtype, pointer, bytes);
    return values.take(dtype);
  }
  if (stride === 1 && dtype !== "bool" && dtype !== "uint8") {
    code.memory("v128.load", address(code, pointer, bytes));
    return values.take(dtype);
  }
  if (stride === 1) {
    code.memory("v128.load32_zero", address(code, pointer, bytes));
    code.op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u");
    if (dtype === "bool") {
      // 0 or 1 to a mask
      const loaded = values.take("int32");
      code.v128("i32x4", 0).get(loaded).op("i32x4.sub");
    }
    return values.take(dtype);
  }
  if (stride === 0) {
    loadOne(code, dtype, pointer, bytes);
    const one = code.local(dtype === "float32" ? "f32" : dtype === "float64" ? "f64" : "i32");
    code.set(one);
    return values.splat(dtype, one);
  }
  if (dtype === "float32" && (stride === 2 || stride === -1)) {
    // Two loads of neighbours that overlap, lest they read past the last element; or one, turned round.
    if (stride === 2) {
      code.memory("v128.load", address(code, pointer, bytes));
      code.memory("v128.load", address(code, pointer, bytes + 3 * size));
      code.shuffle(0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23, 28, 29, 30, 31);
    } else {
      code.memory("v128.load", address(code, pointer, bytes - 3 * size)).v128("i32x4", 0);
      code.shuffle(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    }
    return values.take(dtype);
  }
  code.v128("i32x4", 0);
  for (let lane = 0; lane < width; lane++) {
    loadOne(code, dtype, pointer, bytes + lane * stride * size);
    if (dtype === "float32") code.lane("f32x4.replace_lane", lane);
    else if (dtype === "float64") code.lane("f64x2.replace_lane", lane);
    else code.lane("i32x4.replace_lane", lane);
  }
  return values.take(dtype);
}

/** Stores lanes (or one element), `stride` elements apart, from the address in `pointer` on. */
export function storeLanes(
  values: Values,
  dtype: DType,
  pointer: number,
  stride: number,
  bytes: number,
  value: number,
): void {
  const { code, width } = values;
  if (width > 1 && stride !== 1) {
    const size = itemSize[dtype];
    if (dtype === "bool") {
      code.get(value).v128("i32x4", 1).op("v128.and");
      value = values.take("int32");
    }
    const store = size === 8 ? "v128.store64_lane" : size === 4 ? "v128.store32_lane" : "v128.store8_lane";
    for (let lane = 0; lane < width; lane++) {
      const offset = address(code, pointer, bytes + lane * stride * size);
      // Of bytes, the lowest of each int32 lane.
      code.get(value).laneMemory(store, size === 1 ? 4 * lane : lane, offset);
    }
    return;
  }
  const offset = address(code, pointer, bytes);
  code.get(value);
  if (width === 1) {
    if (dtype === "float32") code.memory("f32.store", offset);
    else if (dtype === "float64") code.memory("f64.store", offset);
    else if (dtype === "int32") code.memory("i32.store", offset);
    else {
      if (dtype === "bool") code.i32(1).op("i32.and");
      code.memory("i32.store8", offset);
    }
    return;
  }
  if (dtype !== "bool" && dtype !== "uint8") {
    code.memory("v128.store", offset);
    return;
  }
  if (dtype === "bool") code.v128("i32x4", 1).op("v128.and");
  // The low byte of each lane.
  code.v128("i32x4", 0).shuffle(0, 4, 8, 12, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16);
  code.laneMemory("v128.store32_lane", 0, offset);
}
