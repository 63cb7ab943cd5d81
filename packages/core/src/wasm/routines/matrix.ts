import type { ValueType } from "../assembler.js";

/** What the kernel of one matrix takes: descriptor, a, b, c, rowFrom, rowTo, columnFrom, columnTo, scratch. */
export const matrixParams: readonly ValueType[] = Array<ValueType>(9).fill("i32");
