import { Tensor, tensor } from "@downhill/core";
import { type HostArray, isHostArray, isPlainObject } from "./sample.js";

/** What `defaultConvert` makes of a sample: the same, with tensors for typed arrays. */
export type Converted<Sample> = Sample extends Tensor
  ? Sample
  : Sample extends HostArray
    ? Tensor
    : Sample extends object
      ? { -readonly [K in keyof Sample]: Converted<Sample[K]> }
      : Sample;

/**
 * Turns the typed arrays in a sample into tensors and leaves all else as it is: what a loader does with samples that it
 * does not batch (`batchSize: null`). Same as torch.utils.data.default_convert.
 */
export function defaultConvert<Sample>(sample: Sample): Converted<Sample> {
  return convert(sample) as Converted<Sample>;
}

function convert(value: unknown): unknown {
  if (value instanceof Tensor) return value;
  if (isHostArray(value)) return tensor(value instanceof Uint8ClampedArray ? new Uint8Array(value) : value);
  if (Array.isArray(value)) return value.map(convert);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item)]));
}
