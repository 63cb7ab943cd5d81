import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import type * as Parquet from "hyparquet";
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { IterableDataset } from "../iterable-dataset.js";
import { checkSourceOptions, type SourceInput, type SourceOptions } from "./byte-stream.js";
import { asDamage } from "./damage.js";
import { openRandomAccess } from "./random-access.js";
import { tableValue, type TableValue } from "./table-value.js";

export interface ParquetOptions extends SourceOptions {
  /** The columns to read; the others' bytes are left where they are. Default: all. */
  readonly columns?: readonly string[];
}

/** Rows of a group that are decoded at a time, so that few bytes that stand for many rows fill no memory. */
const ROWS = 4096;

type Hyparquet = typeof Parquet;

/**
 * Reads a Parquet file row by row as objects; each pass reads it anew. Of a file in parts, over http too, only the needed
 * parts are read, a group of rows at a time. 64-bit integers become numbers where these are exact. Uncompressed and Snappy
 * files are read; others are an error that names the codec. Loads `hyparquet` when it is first used.
 *
 * @throws FileError while it is read, for a file that is missing or damaged, with the rows, the column and the byte where it
 * begins; ValueError for a column that it does not have.
 *
 * @example
 * const rows = readParquet("flats.parquet", { columns: ["size", "rent"] });
 */
export function readParquet(
  input: SourceInput,
  options: ParquetOptions = {},
): IterableDataset<Record<string, TableValue>> {
  checkSourceOptions("readParquet", options, ["columns"]);
  const { columns, signal } = options;
  if (columns !== undefined && !(Array.isArray(columns) && columns.every((name) => typeof name === "string"))) {
    throw new ValueError(`readParquet: columns must be an array of names, got ${show(columns)}`);
  }
  return new IterableDataset(async function* () {
    const parquet = await import("hyparquet");
    const source = await openRandomAccess("readParquet", input, options);
    try {
      const file: AsyncBuffer = {
        byteLength: source.size,
        slice: async (start, end = source.size) => {
          if (start < 0 || end > source.size || end < start) {
            throw new FileError(`${source.name}: refers to bytes ${start} to ${end}, it has ${source.size}`);
          }
          const bytes = await source.read(start, end - start);
          return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
        },
      };
      const metadata = await metadataOf(parquet, file, source.name, signal);
      const names = checkColumns(metadata, columns);
      let first = 0;
      for (const [group, { num_rows: count }] of metadata.row_groups.entries()) {
        const end = first + Number(count);
        for (let start = first; start < end; start += ROWS) {
          const range = { rowStart: start, rowEnd: Math.min(start + ROWS, end) };
          const rows = await readRows(
            parquet,
            file,
            { metadata, ...range, columns: names, group },
            source.name,
            signal,
          );
          for (const row of rows) {
            yield Object.fromEntries(Object.entries(row).map(([name, value]) => [name, tableValue(value)]));
          }
        }
        first = end;
      }
    } finally {
      await source.close?.();
    }
  });
}

async function metadataOf(
  parquet: Hyparquet,
  file: AsyncBuffer,
  name: string,
  signal: AbortSignal | undefined,
): Promise<FileMetaData> {
  let metadata: FileMetaData;
  try {
    metadata = await parquet.parquetMetadataAsync(file);
  } catch (error) {
    throw asDamage(`${name}: is no Parquet file, or damaged in its footer`, error, signal);
  }
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (!Number.isSafeInteger(rows) || rows < 0 || rows !== Number(metadata.num_rows)) {
    throw new FileError(`${name}: its groups have ${rows} rows, its footer says ${metadata.num_rows}`);
  }
  return metadata;
}

/** The names of the columns to read, at the top of the schema. */
function checkColumns(metadata: FileMetaData, columns: readonly string[] | undefined): string[] {
  const names: string[] = [];
  for (let at = 1; at < metadata.schema.length;) {
    names.push(metadata.schema[at]!.name);
    // A column's own parts come right behind it.
    for (let left = 1; left > 0 && at < metadata.schema.length; left--)
      left += metadata.schema[at++]!.num_children ?? 0;
  }
  const missing = columns?.find((name) => !names.includes(name));
  if (missing === undefined) return columns === undefined ? names : [...columns];
  throw new ValueError(`readParquet: there is no column ${show(missing)}`, `the columns are ${names.join(", ")}`);
}

interface Rows {
  readonly metadata: FileMetaData;
  readonly group: number;
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columns: string[];
}

async function readRows(
  parquet: Hyparquet,
  file: AsyncBuffer,
  rows: Rows,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>[]> {
  const { group, ...range } = rows;
  let found: Record<string, unknown>[];
  try {
    found = await parquet.parquetReadObjects({ file, ...range });
  } catch (error) {
    const place = await damagedColumn(parquet, file, rows);
    throw asDamage(`${name}: rows ${rows.rowStart} to ${rows.rowEnd - 1}${place}: are damaged`, error, signal);
  }
  if (found.length === rows.rowEnd - rows.rowStart) return found;
  throw new FileError(
    `${name}: rows ${rows.rowStart} to ${rows.rowEnd - 1}: group ${group} has only ${found.length} of them`,
  );
}

/** Which column cannot be read, and where it begins. */
async function damagedColumn(parquet: Hyparquet, file: AsyncBuffer, { group, ...rows }: Rows): Promise<string> {
  for (const column of rows.columns) {
    try {
      await parquet.parquetReadObjects({ file, ...rows, columns: [column] });
    } catch {
      const chunk = rows.metadata.row_groups[group]!.columns.find(
        (each) => each.meta_data?.path_in_schema[0] === column,
      );
      const { dictionary_page_offset: dictionary, data_page_offset: data } = chunk?.meta_data ?? {};
      return `, column ${show(column)} (from byte ${dictionary ?? data ?? "?"})`;
    }
  }
  return "";
}
