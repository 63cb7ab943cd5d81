import { defaultDevice, Device, setDefaultDevice } from "../backend/device.js";
import type { TypedArray } from "../dtype.js";
import { DownhillError } from "../errors.js";
import { flush } from "../program/flush.js";
import { expose } from "../program/node.js";
import { ReferenceBackend } from "../reference/interpreter.js";
import { sameShape, text } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { farOff } from "./closeness.js";

/** What a Backend does otherwise than the reference interpreter. */
export class ConformanceError extends DownhillError {
  override name = "ConformanceError";
}

const reference = new Device("reference", new ReferenceBackend());

/** Compares what `make` gives on a device with what it gives on the reference. */
export async function compare(device: Device, make: (on: Device) => readonly Tensor[]): Promise<void> {
  const expected = await read(reference, make);
  const actual = await read(device, make);
  if (actual.length !== expected.length)
    throw new ConformanceError(`${actual.length} results instead of ${expected.length}`);
  for (const [i, { tensor, data }] of actual.entries()) {
    const { shape, dtype } = expected[i]!.tensor;
    if (!sameShape(tensor.shape, shape) || tensor.dtype !== dtype) {
      throw new ConformanceError(
        `result ${i} is ${tensor.dtype} of shape ${text(tensor.shape)} instead of ${dtype} of shape ${text(shape)}`,
      );
    }
    const wrong = farOff(data, expected[i]!.data, shape, dtype);
    if (wrong !== undefined) throw new ConformanceError(`result ${i} on ${device.name}: ${wrong}`);
  }
}

async function read(
  device: Device,
  make: (on: Device) => readonly Tensor[],
): Promise<{ tensor: Tensor; data: TypedArray }[]> {
  const before = defaultDevice();
  let tensors: readonly Tensor[];
  setDefaultDevice(device);
  try {
    tensors = make(device);
    for (const { node } of tensors) expose(node);
    flush(tensors.map(({ node }) => node));
  } finally {
    setDefaultDevice(before);
  }
  return Promise.all(tensors.map(async (tensor) => ({ tensor, data: await tensor.data() })));
}
