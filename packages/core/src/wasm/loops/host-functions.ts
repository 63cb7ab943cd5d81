import { isFloat } from "../../dtype.js";
import type { Expression } from "../../kernel/expression.js";
import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import { binary, conversion, unary } from "../../reference/numbers.js";

/** Ops that are an instruction or two in every flavour, and call nobody. */
const instructions: ReadonlySet<string> = new Set(
  "copy cast neg abs sign sqrt reciprocal floor ceil round trunc logicalNot add sub mul div maximum minimum eq ne lt le and or xor".split(
    " ",
  ),
);

/**
 * The functions of the host that an expression may call for single lanes, as names for `hostFunction`: where there is no
 * vector function, in float64, and in the rare lanes that a vector function leaves out.
 */
export function hostCalls(expression: Expression): string[] {
  if (expression.kind === "unary") {
    const { name, x } = expression;
    if (name === "cast") return isFloat(x.dtype) && expression.dtype === "uint8" ? [`cast ${x.dtype} uint8`] : [];
    return instructions.has(name) ? [] : [`unary ${name}`];
  }
  if (expression.kind === "binary" && !instructions.has(expression.name))
    return [`binary ${expression.name} ${expression.x.dtype}`];
  return [];
}

/** The function of float64 numbers that a name stands for: the interpreter's own. */
export function hostFunction(name: string): (...of: number[]) => number {
  const [kind, op, dtype] = name.split(" ") as [string, string, Parameters<typeof binary>[1]];
  if (kind === "cast") {
    const convert = conversion(op as typeof dtype, dtype);
    return (x) => convert(x) & 255; // as a Uint8Array stores it
  }
  if (kind === "unary") {
    const f = unary[op as Exclude<UnaryName, "cast">];
    return (x) => f(x);
  }
  const f = binary(op as BinaryName, dtype);
  return (x, y) => f(x, y);
}
