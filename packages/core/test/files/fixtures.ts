import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { DType, Tensor } from "../../src/index.js";

/** A tensor as Python wrote it down; what JSON lacks is text. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

interface Fixtures {
  readonly safetensors: Readonly<
    Record<string, { bytes: string; metadata: Record<string, string>; values: Record<string, Value> }>
  >;
  readonly npy: Readonly<Record<string, { bytes: string; value: Value }>>;
  readonly npyRefused: Readonly<Record<string, string>>;
  readonly npz: Readonly<Record<string, { bytes: string; values: Record<string, Value> }>>;
  readonly pt: Readonly<Record<string, { bytes: string; values: Record<string, Value> }>>;
  readonly ptPlain: Readonly<Record<"plain" | "tensor" | "nested", string>>;
  readonly ptRefused: Readonly<Record<string, readonly [bytes: string, says: string]>>;
  readonly model: Readonly<Record<"pt" | "optimizer" | "safetensors", string>> & {
    readonly x: Value;
    readonly y: Value;
  };
}

/** Files that Python wrote (tools/reference/files.py). */
export const fixtures: Fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/files.json", import.meta.url), "utf8"),
) as Fixtures;

export const decode = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, "base64"));

/** Compares a tensor with what Python wrote down, bit for bit but for the kind of NaN. */
export async function expectValue(x: Tensor, { dtype, shape, data }: Value): Promise<void> {
  expect({ dtype: x.dtype, shape: x.shape }).toEqual({ dtype, shape });
  const numbers = data.map(Number);
  const expected = dtype === "float32" ? numbers.map(Math.fround) : numbers;
  expect([...(await x.data())]).toEqual(expected);
}

export async function expectValues(
  tensors: Readonly<Record<string, Tensor>>,
  values: Readonly<Record<string, Value>>,
): Promise<void> {
  expect(Object.keys(tensors).sort()).toEqual(Object.keys(values).sort());
  for (const [name, value] of Object.entries(values)) await expectValue(tensors[name]!, value);
}
