import { checkDType, type DType, hostArray, type TypedArray } from "./dtype.js";
import { checkOptions, DownhillError, show, ValueError } from "./errors.js";
import { fromOwned, type TensorOptions } from "./creation.js";
import { checkShape, type Shape, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

/** What `postMessage(message, transfer)` takes. */
export interface TransferableForm {
  /** For `fromTransferable` on the other side. */
  readonly message: unknown;
  /** The elements' buffers, which move there. */
  readonly transfer: ArrayBuffer[];
}

interface Content {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** A tensor in a message: an object with this one key. A key of the caller's that begins with $ gets another $. */
interface TensorMessage {
  readonly $tensor: Content;
}

/** Deeper ones are taken for circular. */
const MAX_DEPTH = 60;

/**
 * Makes what can cross `postMessage` of a tensor, or of arrays and plain objects with tensors in them: to a worker, from one,
 * to another window. The elements are read (one copy) and then move rather than being copied again. What is no tensor is left
 * to the structured clone. The values cross, as of this call; graphs and `requiresGrad` do not.
 *
 * @example
 * const { message, transfer } = await toTransferable({ x: tensor([1, 2]), name: "a" });
 * const there = structuredClone(message, { transfer }); // as worker.postMessage(message, transfer) does
 * fromTransferable(there); // { x: tensor([1., 2.]), name: "a" }
 */
export async function toTransferable(value: unknown): Promise<TransferableForm> {
  const transfer: ArrayBuffer[] = [];
  const reading: Promise<void>[] = [];
  const write = (item: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new ValueError("toTransferable: the value is nested too deep, or circular");
    if (item instanceof Tensor) {
      const { dtype, shape } = item;
      const content: { -readonly [K in keyof Content]?: Content[K] } = { dtype, shape };
      const read = item.data().then((data) => {
        // A device may read several tensors into one buffer.
        const own = data.byteLength === data.buffer.byteLength ? data : data.slice();
        content.data = own;
        transfer.push(own.buffer as ArrayBuffer);
      });
      reading.push(read);
      return { $tensor: content };
    }
    if (Array.isArray(item)) return item.map((part) => write(part, depth + 1));
    if (!isPlain(item)) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, part]) => [key.startsWith("$") ? `$${key}` : key, write(part, depth + 1)]),
    );
  };
  const message = write(value, 0);
  await Promise.all(reading);
  return { message, transfer };
}

/**
 * Makes again what `toTransferable` was given, of its message. Tensors take over the memory that has arrived where the device
 * is the cpu.
 *
 * @param options `device`: where the tensors go; the default device if left out.
 * @throws ValueError for a message of another origin.
 */
export function fromTransferable(message: unknown, options: Pick<TensorOptions, "device"> = {}): unknown {
  checkOptions("fromTransferable", options, ["device"]);
  const read = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(read);
    if (!isPlain(item)) return item;
    const entries = Object.entries(item);
    if (entries.length === 1 && entries[0]![0] === "$tensor")
      return tensorOf(item as unknown as TensorMessage, options);
    return Object.fromEntries(entries.map(([key, part]) => [key.startsWith("$") ? key.slice(1) : key, read(part)]));
  };
  return read(message);
}

function tensorOf({ $tensor }: TensorMessage, options: Pick<TensorOptions, "device">): Tensor {
  try {
    const { data, dtype, shape } = Object($tensor) as Content;
    checkDType("", dtype);
    checkShape("", shape);
    if (data.constructor === hostArray(dtype, 0).constructor && data.length === sizeOf(shape)) {
      return fromOwned("fromTransferable", data, shape, dtype, options);
    }
  } catch (error) {
    if (error instanceof DownhillError && error.message.startsWith("fromTransferable")) throw error;
  }
  throw new ValueError(
    `fromTransferable: ${show($tensor)} is no tensor's message`,
    "pass the message of toTransferable as it has arrived",
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
