import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "@downhill/core";
import { type Device, ownTensor, ReferenceBackend, registerBackend } from "@downhill/core/engine";
import type { Optimizer, OptimizerStateDict } from "../src/index.js";

/** Reads a file that tools/reference/optim.py has written. */
export const readFixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));

const { start, grads } = readFixture("problem") as { start: number[][]; grads: number[][][] };

export const steps: number = grads.length;

let devices = 0;

/** A device of its own, with no Programs yet. */
export function freshDevice(backend: ReferenceBackend = new ReferenceBackend(`optim-${devices++}`)): Device {
  return registerBackend(backend);
}

/** Two tensors, [3, 2] and [2] (or [2, 1], if they are to be `matrices`), where the recorded gradients begin. */
export function begin(
  options: { dtype?: DType; device?: Device } = {},
  { matrices = false }: { matrices?: boolean } = {},
): [Tensor, Tensor] {
  const [a, b] = start.map((data) => tensor(data, { dtype: "float32", ...options }));
  const second = matrices ? b!.reshape(2, 1) : b!;
  return [ownTensor(a!.reshape(3, 2)).requiresGrad_(), ownTensor(second).requiresGrad_()];
}

/** Gives the tensors their gradients of a step, numbered from 1. */
export function setGradients(params: readonly Tensor[], step: number): void {
  params.forEach((param, i) => {
    const data = grads[(step - 1) % grads.length]![i]!;
    param.grad = ownTensor(tensor(data, { dtype: param.dtype, device: param.device }).reshape(param.shape));
  });
}

/** Does the steps `from` to `to`, both counted, with their recorded gradients. */
export function descend(optimizer: Optimizer<object>, params: readonly Tensor[], from: number, to: number): void {
  for (let step = from; step <= to; step++) {
    setGradients(params, step);
    optimizer.step();
  }
}

/** All values of some tensors, in a row. */
export async function valuesOf(tensors: readonly Tensor[]): Promise<number[]> {
  const data = await Promise.all(tensors.map((x) => x.data()));
  return data.flatMap((values) => Array.from(values));
}

/** A state dict with its tensors as flat lists. */
export async function flattened(
  dict: OptimizerStateDict,
): Promise<{ state: Record<string, object>; paramGroups: object[] }> {
  const state: Record<string, Record<string, unknown>> = {};
  for (const [place, values] of Object.entries(dict.state)) {
    const entries: Record<string, unknown> = (state[place] = {});
    for (const [name, value] of Object.entries(values)) {
      entries[name] = typeof value === "number" ? value : Array.from(await value.data());
    }
  }
  return { state, paramGroups: dict.paramGroups.slice() };
}
