import { describe, expect, it } from "vitest";
import * as core from "@downhill/core";
import { ones, type DType, type Tensor } from "@downhill/core";
import { readFixture } from "./op-fixture.js";

// The dtype of every result, as PyTorch promotes. tools/reference/op_cases/promotion.py writes the tables.

type Standing = "tensor" | "zeroDim" | "number";

/** A call: "x" and "y" stand for the operands, "mask" for a bool tensor. */
interface Call {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly x?: Standing;
  readonly y?: Standing;
}

interface Tables {
  readonly dtypes: readonly DType[];
  readonly numbers: readonly (number | boolean)[];
  /** The dtypes of all results, separated by spaces, for each dtype of x; null where PyTorch refuses the call. */
  readonly unary: readonly { calls: readonly Call[]; result: Record<DType, string | null> }[];
  /** The same for each dtype of x and, in the order of `dtypes` or `numbers`, each y. */
  readonly binary: readonly { calls: readonly Call[]; result: Record<DType, readonly (string | null)[]> }[];
}

const { dtypes, numbers, unary, binary } = readFixture("promotion") as Tables;

/** One line per dtype of x, so that a difference shows whole. */
const lines = (table: Readonly<Record<string, unknown>>): string =>
  dtypes.map((dtype) => `${dtype}: ${JSON.stringify(table[dtype])}`).join("\n");

type Operand = Tensor | number | boolean;

const operand = (dtype: DType, standing: Standing | undefined): Tensor =>
  ones(standing === "zeroDim" ? [] : [2], { dtype });

/** The dtypes that a call returns, or null if it throws an error of its own. */
function resultOf(call: Call, x: Operand, y?: Operand): string | null {
  const operands: Record<string, unknown> = { x, y, mask: ones([2], { dtype: "bool" }) };
  const fill = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(fill) : typeof value === "string" && value in operands ? operands[value] : value;
  const args = call.args.map(fill);
  if (call.options !== undefined) {
    args.push(Object.fromEntries(Object.entries(call.options).map(([key, value]) => [key, fill(value)])));
  }
  const free = (core as Readonly<Record<string, unknown>>)[call.op];
  const method = (x as unknown as Readonly<Record<string, unknown>>)[call.op];
  if (typeof free !== "function" && typeof method !== "function")
    throw new Error(`core has neither a function nor a method ${call.op}`);
  try {
    const result: unknown =
      typeof free === "function"
        ? (free as (...args: unknown[]) => unknown)(...args)
        : (method as (...args: unknown[]) => unknown).apply(x, args.slice(1));
    return [result]
      .flat()
      .map((tensor) => (tensor as Tensor).dtype)
      .join(" ");
  } catch (error) {
    if (error instanceof Error && error.message.includes(call.op)) return null;
    throw error;
  }
}

describe("dtypes of results as PyTorch", () => {
  for (const { calls, result } of unary) {
    for (const call of calls) {
      it(`${call.op}(${JSON.stringify(call.args).slice(1, -1)})`, () => {
        const actual = Object.fromEntries(dtypes.map((dtype) => [dtype, resultOf(call, operand(dtype, "tensor"))]));
        expect(lines(actual)).toBe(lines(result));
      });
    }
  }
  for (const { calls, result } of binary) {
    for (const call of calls) {
      const options = call.options === undefined ? "" : `, ${JSON.stringify(call.options)}`;
      it(`${call.op}(${JSON.stringify(call.args).slice(1, -1)}${options}) with x a ${String(call.x)}, y a ${String(call.y)}`, () => {
        const ys = call.y === "number" ? numbers : dtypes.map((dtype) => operand(dtype, call.y));
        const actual = Object.fromEntries(
          dtypes.map((dtype) => [dtype, ys.map((y) => resultOf(call, operand(dtype, call.x), y))]),
        );
        expect(lines(actual)).toBe(lines(result));
      });
    }
  }
});
