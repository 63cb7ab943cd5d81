import type { Tensor } from "@downhill/core";
import { openNpy } from "@downhill/core/files";
import { IterableDataset } from "../iterable-dataset.js";
import { checkSourceOptions, type SourceInput, type SourceOptions } from "./byte-stream.js";
import { ROW_BYTES, tooLong } from "./held-bytes.js";
import { openRandomAccess } from "./random-access.js";

/** Bytes that are read at a time, where a row is no longer. */
const PIECE = 2 ** 20;

/**
 * Reads an array of NumPy's row by row: tensors of its shape without the first dim. Each pass reads it anew, a piece at a time,
 * over http by ranges; the array may be larger than the memory. `loadNpy` of `@downhill/core/files` reads it as a whole.
 *
 * @throws FileError while it is read, for a file that is missing or damaged, for a row of more than `maxBytes`, and for an
 * array in Fortran's order.
 *
 * @example
 * const rows = readNpy(await encodeNpy(arange(6).reshape([3, 2])));
 * for await (const batch of new DataLoader(rows, { batchSize: 2 })) console.log(batch.shape[1]); // 2
 */
export function readNpy(input: SourceInput, options: SourceOptions = {}): IterableDataset<Tensor> {
  checkSourceOptions("readNpy", options);
  const { maxBytes = ROW_BYTES } = options;
  return new IterableDataset(async function* () {
    const source = await openRandomAccess("readNpy", input, options);
    const file = await openNpy(source);
    try {
      const { rowBytes } = file;
      const [count] = file.shape as [number];
      if (rowBytes > maxBytes) throw tooLong(`${source.name}: each row`, maxBytes);
      const step = Math.max(1, Math.floor(PIECE / Math.max(1, rowBytes)));
      for (let start = 0; start < count; start += step) {
        const rows = await file.rows(start, Math.min(start + step, count));
        for (let i = 0; i < rows.size(0); i++) yield rows.at(i);
      }
    } finally {
      await file.close();
    }
  });
}
