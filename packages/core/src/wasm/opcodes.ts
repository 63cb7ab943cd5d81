/**
 * WebAssembly's instructions by name, as far as the code generators use them: the core specification's index of
 * instructions, with the fixed-width SIMD, relaxed SIMD and threads proposals.
 *
 * A table has runs of instructions whose codes follow one another, under the first one's code; "i32: eq ne" are i32.eq and
 * i32.ne. A code that comes after a prefix byte has it in front: 0xfd_000e is 14 after 0xfd.
 */

/** No immediates. */
const plain = {
  0x00: "unreachable",
  0x0f: "return",
  0x1a: "drop select",
  0x45: "i32: eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u",
  0x50: "i64: eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u",
  0x5b: "f32: eq ne lt gt le ge",
  0x61: "f64: eq ne lt gt le ge",
  0x67: "i32: clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr",
  0x79: "i64: clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr",
  0x8b: "f32: abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign",
  0x99: "f64: abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign",
  0xa7: "i32: wrap_i64",
  0xac: "i64: extend_i32_s extend_i32_u",
  0xb2: "f32: convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64",
  0xb7: "f64: convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32",
  0xbc: "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64",
  0xfc_0000: "i32: trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u",
  0xfc_0004: "i64: trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u",
  0xfd_0011: "i32x4.splat i64x2.splat f32x4.splat f64x2.splat",
  0xfd_0037: "i32x4: eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u",
  0xfd_0041: "f32x4: eq ne lt gt le ge",
  0xfd_0047: "f64x2: eq ne lt gt le ge",
  0xfd_004d: "v128: not and andnot or xor bitselect any_true",
  0xfd_005e: "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4",
  0xfd_0067: "f32x4: ceil floor trunc nearest",
  0xfd_0074: "f64x2: ceil floor",
  0xfd_007a: "f64x2: trunc",
  0xfd_0089: "i16x8: extend_low_i8x16_u",
  0xfd_0094: "f64x2: nearest",
  0xfd_00a9: "i32x4: extend_low_i16x8_u extend_high_i16x8_u shl shr_s shr_u add",
  0xfd_00b1: "i32x4: sub",
  0xfd_00b5: "i32x4: mul",
  0xfd_00cb: "i64x2: shl shr_s shr_u add",
  0xfd_00d1: "i64x2: sub",
  0xfd_00de: "i64x2: extmul_low_i32x4_u",
  0xfd_00e0: "f32x4: abs neg",
  0xfd_00e3: "f32x4: sqrt add sub mul div min max pmin pmax",
  0xfd_00ec: "f64x2: abs neg",
  0xfd_00ef: "f64x2: sqrt add sub mul div min max pmin pmax",
  0xfd_00f8: "i32x4: trunc_sat_f32x4_s",
  0xfd_00fa: "f32x4: convert_i32x4_s",
  0xfd_00fe: "f64x2: convert_low_i32x4_s",
  0xfd_0105: "f32x4: relaxed_madd relaxed_nmadd",
  0xfd_0107: "f64x2: relaxed_madd relaxed_nmadd",
  0xfd_010b: "i32x4: relaxed_laneselect",
} as const;

/** Followed by the lane. */
const lanes = {
  0xfd_001b: "i32x4: extract_lane replace_lane",
  0xfd_001f: "f32x4: extract_lane replace_lane",
  0xfd_0021: "f64x2: extract_lane replace_lane",
} as const;

/** Followed by alignment and offset. */
const accesses = {
  0x28: "i32.load i64.load f32.load f64.load",
  0x2c: "i32: load8_s load8_u load16_s load16_u",
  0x36: "i32.store i64.store f32.store f64.store",
  0x3a: "i32: store8 store16",
  0xfd_0000: "v128: load",
  0xfd_0007: "v128: load8_splat load16_splat load32_splat load64_splat store",
  0xfd_005c: "v128: load32_zero load64_zero",
} as const;

/** Followed by alignment, which must be that of the access, and offset. */
const atomics = {
  0xfe_0000: "memory.atomic: notify wait32",
  0xfe_0010: "i32.atomic.load i64.atomic.load",
  0xfe_0017: "i32.atomic.store i64.atomic.store",
  0xfe_001e: "i32.atomic: rmw.add",
  0xfe_0048: "i32.atomic.rmw.cmpxchg i64.atomic.rmw.cmpxchg",
} as const;

/** Followed by alignment, offset and lane. */
const laneAccesses = {
  0xfd_0058: "v128: store8_lane store16_lane store32_lane store64_lane",
} as const;

type Words<Run, Found = never> = Run extends `${infer Word} ${infer Rest}` ? Words<Rest, Found | Word> : Found | Run;
type Names<Table> = {
  [Code in keyof Table]: Table[Code] extends `${infer Type}: ${infer Run}`
    ? `${Type}.${Words<Run> & string}`
    : Words<Table[Code]>;
}[keyof Table];

/** An instruction without immediates. */
export type Plain = Names<typeof plain>;
/** An instruction that takes a lane out of a vector, or puts one in. */
export type LaneOp = Names<typeof lanes>;
/** An instruction that reads or writes memory. */
export type Access = Names<typeof accesses> | Names<typeof atomics>;
/** An instruction that reads or writes one lane of a vector. */
export type LaneAccess = Names<typeof laneAccesses>;

type Instruction = Plain | LaneOp | Access | LaneAccess;

/** The code of each instruction, with its prefix above the low 16 bits. */
export const codes: Readonly<Record<Instruction, number>> = /* @__PURE__ */ (() => {
  const found: Record<string, number> = {};
  for (const [first, run] of Object.entries({ ...plain, ...lanes, ...accesses, ...atomics, ...laneAccesses })) {
    const [, type = "", names] = /^(.*: )?(.*)$/.exec(run)!;
    names!.split(" ").forEach((name, i) => (found[type.replace(": ", ".") + name] = Number(first) + i));
  }
  return found as Record<Instruction, number>;
})();

/** Whether an instruction's code is that of an atomic one. */
export const isAtomic = (code: number): boolean => code >> 16 === 0xfe;
