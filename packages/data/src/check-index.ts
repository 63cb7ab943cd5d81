import { IndexError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** Turns an index that may count from the end, as in PyTorch, into 0 … length - 1. */
export function checkIndex(where: string, index: number, length: number): number {
  const place = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || place < 0 || place >= length) {
    throw new IndexError(
      `${where}: index ${show(index)} is out of range for ${length} samples`,
      length === 0
        ? "it is empty"
        : `indices are integers from 0 to ${length - 1}, or from -${length} counted from the end`,
    );
  }
  return place;
}
