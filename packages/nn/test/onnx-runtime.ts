import { randint, randn, Tensor } from "@downhill/core";
import type * as nn from "@downhill/nn";
import { exportOnnx, type ExportOnnxOptions } from "@downhill/nn/onnx";
import * as ort from "onnxruntime-web";
import { expect } from "vitest";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, float64: Float64Array, bool: Uint8Array };

/** A tensor as onnxruntime takes it. */
export async function feed(x: Tensor): Promise<ort.Tensor> {
  const data = new arrays[x.dtype as "float32"](await x.data());
  return new ort.Tensor(x.dtype as "float32", data, [...x.shape]);
}

const flat = (value: unknown): Tensor[] =>
  value instanceof Tensor ? [value] : Object.values(value as Record<string, unknown>).flatMap(flat);

/** Exports a model by one example, runs it on these inputs, and gives the largest difference from ours. */
export async function difference(
  model: nn.Module,
  example: readonly Tensor[],
  inputs: readonly Tensor[],
  options: ExportOnnxOptions = {},
): Promise<number> {
  const session = await ort.InferenceSession.create(await exportOnnx(model, example, options));
  const feeds: Record<string, ort.Tensor> = {};
  for (const [i, x] of inputs.entries()) feeds[session.inputNames[i]!] = await feed(x);
  const found = await session.run(feeds);
  model.eval();
  const expected = flat((model.forward as (...args: unknown[]) => unknown)(...inputs));
  let most = 0;
  expect(session.outputNames).toHaveLength(expected.length);
  for (const [i, x] of expected.entries()) {
    const output = found[session.outputNames[i]!]!;
    expect([...output.dims]).toEqual([...x.shape]);
    expect(output.type).toBe(x.dtype);
    const [ours, theirs] = [await x.data(), output.data as Float32Array];
    for (const [j, number] of Array.from(ours, Number).entries()) {
      const off = Object.is(number, theirs[j]) ? 0 : Math.abs(number - Number(theirs[j]));
      most = Math.max(most, Number.isNaN(off) ? Infinity : off / Math.max(1, Math.abs(number)));
    }
  }
  await session.release();
  return most;
}

export const row = (n: number): Tensor => randn([n, 4]);
export const line = (n: number): Tensor => randn([n, 4, 9]);
export const image = (n: number): Tensor => randn([n, 4, 8, 6]);
export const volume = (n: number): Tensor => randn([n, 2, 4, 6, 5]);
export const steps = (n: number): Tensor => randn([5, n, 4]);
export const tokens = (n: number): Tensor => randint(0, 7, [n, 6]);
