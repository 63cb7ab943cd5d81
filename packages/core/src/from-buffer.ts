import { checkDType, type DType, hostArray, itemSize } from "./dtype.js";
import { checkOptions, DTypeError, show, ValueError } from "./errors.js";
import { fromOwned, type TensorOptions } from "./creation.js";
import { checkShape, type Shape, sizeOf, text } from "./shape.js";
import type { Tensor } from "./tensor.js";

export interface FromBufferOptions extends TensorOptions {
  /** Of the elements: little-endian, bool as a byte of 0 or 1. Default: uint8. */
  readonly dtype?: DType;
  /** Default: one dim, of all elements from `offset` on. */
  readonly shape?: Shape;
  /** The byte where the elements begin. Default: 0. */
  readonly offset?: number;
}

/**
 * Makes a tensor of bytes: a Node Buffer, an ArrayBuffer, a DataView or any typed array. They are copied, so that it does not
 * matter where they begin or who changes them later. Same as torch.frombuffer, which shares them.
 *
 * @throws ValueError where the bytes are too few, or not a whole number of elements.
 *
 * @example
 * const bytes = Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64); // Buffer.from(…) in Node
 * fromBuffer(bytes, { dtype: "float32" }); // tensor([1., 2.])
 */
export function fromBuffer(buffer: ArrayBuffer | ArrayBufferView, options: FromBufferOptions = {}): Tensor {
  const where = "fromBuffer";
  checkOptions(where, options, ["dtype", "shape", "offset", "device", "requiresGrad"]);
  const bytes = bytesOf(buffer);
  const { dtype: asked = "uint8", shape: given, offset = 0, ...others } = options;
  const dtype = checkDType(where, asked);
  if (dtype === "float16")
    throw new DTypeError(`${where}: takes no float16`, "files hold it: loadSafetensors, loadNpy");
  if (!Number.isInteger(offset) || offset < 0 || offset > bytes.length) {
    throw new ValueError(`${where}: offset must be an integer from 0 to ${bytes.length}, got ${show(offset)}`);
  }
  const left = bytes.length - offset;
  const size = itemSize[dtype];
  const shape = given === undefined ? [left / size] : checkShape(where, given);
  const count = sizeOf(shape);
  if (!Number.isInteger(count) || count * size > left) {
    throw new ValueError(
      `${where}: ${left} bytes are ${Number.isInteger(count) ? `too few for ${text(shape)}` : "no whole number of elements"} of ${dtype}, which take ${size} each`,
    );
  }
  const data = hostArray(dtype, count, where);
  new Uint8Array(data.buffer).set(bytes.subarray(offset, offset + count * size));
  if (dtype === "bool") data.forEach((value, i) => (data[i] = value === 0 ? 0 : 1));
  return fromOwned(where, data, shape, dtype, others);
}

function bytesOf(buffer: unknown): Uint8Array {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  throw new ValueError(
    `fromBuffer: expects a Buffer, an ArrayBuffer or a typed array, got ${show(buffer)}`,
    "numbers and arrays go through tensor(…)",
  );
}

/** What we use of Node; declared here, as the packages build without the host's own declarations. */
interface Host {
  readonly Buffer?: { from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array };
}

/**
 * Reads a tensor's elements as bytes, row-major and little-endian: a Buffer in Node, a Uint8Array elsewhere. float16 comes as
 * float32, four bytes each.
 *
 * @example
 * const bytes = await toBuffer(tensor([1, 2]));
 * bytes.length; // 8
 */
export async function toBuffer(x: Tensor): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await x.data();
  const { Buffer } = globalThis as Host;
  return Buffer === undefined
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : Buffer.from(buffer, byteOffset, byteLength);
}
