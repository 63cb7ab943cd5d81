import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DType, Tensor } from "@downhill/core";
import { difference } from "./close.js";
import {
  callers,
  callOp,
  leaf,
  readFixture,
  viewed,
  type Case,
  type Family,
  type Tolerance,
  type Values,
} from "./op-fixture.js";

// What PyTorch gives for every op: shapes, dtypes, values and gradients. tools/reference/ops.py writes the files.

const families = readdirSync(new URL("fixtures/ops", import.meta.url))
  .filter((file) => file.endsWith(".json") && file !== "promotion.json")
  .map((file) => readFixture(file.replace(".json", "")) as Family);

for (const { family, signOfZero, cases } of families) {
  describe(`${family} as PyTorch`, () => {
    for (const row of cases) {
      it(`${row.op}: ${row.name}`, async () => {
        const ways = callers(row);
        expect(ways, `core exports neither a function nor a method ${row.op}`).not.toEqual([]);
        for (const way of ways) {
          if (row.error === undefined) await replay(row, way, row.signOfZero ?? signOfZero);
          else await refuse(row, way);
        }
      });
    }
  });
}

async function replay(row: Case, way: "function" | "method", signOfZero: boolean): Promise<void> {
  const leaves = row.inputs.map((input) => leaf(input, input.requiresGrad));
  const tensors = row.inputs.map((input, i) => viewed(input, leaves[i]!));
  const result = await callOp(row, way, tensors);
  const outputs = (Array.isArray(result) ? result : [result]) as Tensor[];
  const expected = row.outputs ?? [];
  expect(outputs.length, `number of results, as a ${way}`).toBe(expected.length);

  const seeds = expected.map((_, i) => row.gradOutputs?.[i] ?? null);
  expect(
    outputs.map((output) => output.requiresGrad),
    "which results require a gradient",
  ).toEqual(seeds.map((seed) => seed !== null));
  const last = seeds.findLastIndex((seed) => seed !== null);
  for (const [i, seed] of seeds.entries()) {
    const output = outputs[i]!;
    if (seed === null) continue;
    output.backward(leaf({ shape: output.shape, dtype: output.dtype, data: seed }), { retainGraph: i < last });
  }

  for (const [i, values] of expected.entries()) {
    if (values !== null) await compare(outputs[i]!, values, `result ${String(i)}, as a ${way}`, row.tol, signOfZero);
  }
  for (const [i, input] of row.inputs.entries()) {
    const grad = row.grads?.[i] ?? null;
    const actual = leaves[i]!.grad;
    if (grad === null) expect(actual, `gradient of input ${String(i)}, as a ${way}`).toBeNull();
    else {
      expect(actual, `gradient of input ${String(i)}, as a ${way}`).not.toBeNull();
      const values = { shape: input.shape, dtype: input.dtype, data: grad };
      await compare(actual!, values, `gradient of input ${String(i)}, as a ${way}`, row.gradTol, false);
    }
  }
}

async function compare(
  actual: Tensor,
  expected: Values,
  what: string,
  tol: Tolerance | undefined,
  signOfZero: boolean,
): Promise<void> {
  const dtype: DType = expected.dtype;
  expect({ shape: [...actual.shape], dtype: actual.dtype }, what).toEqual({ shape: expected.shape, dtype });
  const wrong = difference(await actual.data(), expected.data, dtype, { tol, signOfZero });
  if (wrong !== undefined) expect.fail(`${what}: ${wrong}`);
}

/** The call must throw an error that names the op; where only the values are wrong, the read may throw it. */
async function refuse(row: Case, way: "function" | "method"): Promise<void> {
  const tensors = row.inputs.map((input) => viewed(input, leaf(input, input.requiresGrad)));
  let error: unknown;
  try {
    const result = await callOp(row, way, tensors);
    if (row.error === "values") for (const output of [result].flat()) await (output as Tensor).data();
  } catch (caught) {
    error = caught;
  }
  expect(error, `as a ${way}, it should refuse`).toBeInstanceOf(Error);
  expect((error as Error).message, `as a ${way}`).toContain(row.op);
}
