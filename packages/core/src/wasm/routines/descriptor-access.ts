import type { Code } from "../assembler.js";
import { type Field, fields } from "./descriptor.js";

/** Pushes a field of the descriptor, whose address is in a local. */
export function readField(code: Code, descriptor: number, field: Field): Code {
  return code.get(descriptor).memory("i32.load", fields[field]);
}

/** Pushes the address of a table's entry `index` (a local), or of its first. */
export function tableAt(code: Code, descriptor: number, field: Field, index?: number): Code {
  readField(code.get(descriptor), descriptor, field).op("i32.add");
  return index === undefined ? code : code.get(index).i32(2).op("i32.shl").op("i32.add");
}
