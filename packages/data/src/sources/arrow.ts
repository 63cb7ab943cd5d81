import { show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import { IterableDataset } from "../iterable-dataset.js";
import { checkSourceOptions, type Piece, type SourceInput, type SourceOptions, streamBytes } from "./byte-stream.js";
import { asDamage } from "./damage.js";
import { HeldBytes, tooLong, WHOLE_BYTES } from "./held-bytes.js";
import { tableValue, type TableValue } from "./table-value.js";

const MAGIC = "ARROW1";

const beginsWithMagic = (bytes: Uint8Array): boolean => textOf(bytes.subarray(0, MAGIC.length)) === MAGIC;
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/**
 * Reads a table in Arrow's IPC format, as a stream or as a file, row by row as objects; each pass reads it anew. A stream is
 * read batch by batch; a file (Feather 2), whose index is at its end, is read whole. 64-bit integers become numbers where
 * these are exact. Loads `apache-arrow` when it is first used.
 *
 * @throws FileError while it is read, for a file that is missing or damaged, with the row, the column where it is one, and the
 * byte up to which it had been read.
 *
 * @example
 * const rows = readArrow("towns.arrow", { onProgress: ({ bytes }) => console.log(bytes) });
 * const loader = new DataLoader(rows, { batchSize: 64 });
 */
export function readArrow(
  input: SourceInput,
  options: SourceOptions = {},
): IterableDataset<Record<string, TableValue>> {
  checkSourceOptions("readArrow", options);
  return new IterableDataset(async function* () {
    const { RecordBatchReader } = await import("apache-arrow");
    const most = options.maxBytes ?? WHOLE_BYTES;
    let [file, read, row, column] = ["the file", 0, 0, ""];
    let done = 0; // bytes when the last batch had been read
    async function* counted(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        file = piece.file;
        read += piece.bytes.length;
        if (read - done > most) throw tooLong(`${file}: the batch that begins with row ${row}`, most);
        yield piece.bytes;
      }
    }
    const bytes = counted(streamBytes("readArrow", input, options));
    try {
      const given = await fileOrStream(bytes, () => file, options);
      const reader = await (given instanceof Uint8Array
        ? RecordBatchReader.from(given)
        : RecordBatchReader.from(given));
      await reader.open();
      if (reader.schema === undefined) throw new Error("there is no schema");
      for await (const batch of reader) {
        done = read;
        const { fields } = batch.schema;
        const columns = fields.map((_, k) => batch.getChildAt(k));
        for (let i = 0; i < batch.numRows; i++, row++) {
          const record: Record<string, TableValue> = {};
          for (let k = 0; k < fields.length; k++) {
            column = fields[k]!.name;
            record[column] = tableValue(columns[k]?.get(i));
          }
          column = "";
          yield record;
        }
      }
    } catch (error) {
      const place = column === "" ? `row ${row}` : `row ${row}, column ${show(column)}`;
      throw asDamage(`${file}: ${place}, before byte ${read}: is no Arrow data, or damaged`, error, options.signal);
    } finally {
      await bytes.return(undefined);
    }
  });
}

/** What a reader takes: all of a file, or the pieces of a stream. */
async function fileOrStream(
  pieces: AsyncGenerator<Uint8Array>,
  name: () => string,
  options: SourceOptions,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const held = new HeldBytes(options, WHOLE_BYTES);
  while (held.length < MAGIC.length) {
    const next = await pieces.next();
    if (next.done === true) break;
    held.add(next.value, name);
  }
  if (!beginsWithMagic(held.all())) {
    return (async function* () {
      yield held.take();
      yield* pieces;
    })();
  }
  for await (const piece of pieces) held.add(piece, name);
  const bytes = held.take();
  if (bytes.length > 2 * MAGIC.length && textOf(bytes.subarray(-MAGIC.length)) === MAGIC) return bytes;
  throw new FileError(`${name()}: is an Arrow file that is cut off, at byte ${bytes.length}`);
}
