import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import { IterableDataset } from "../iterable-dataset.js";
import { checkSourceOptions, type SourceInput, type SourceOptions, streamBytes } from "./byte-stream.js";
import { ROW_BYTES, tooLong } from "./held-bytes.js";

/** What a column holds. */
export type CsvType = "number" | "boolean" | "string";
/** null is an empty cell of a column of numbers or booleans. */
export type CsvValue = number | boolean | string | null;

/** The options of `readCsv`. */
export interface CsvOptions extends SourceOptions {
  /** Between cells; by default the most frequent in the first line of comma, tab, semicolon. */
  readonly delimiter?: string;
  /** Names of the columns for a file whose first line does not name them. */
  readonly columns?: readonly string[];
  /** What columns hold; those left out are inferred from the first 1000 rows. */
  readonly types?: Readonly<Record<string, CsvType>>;
}

const SAMPLE = 1000;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A row of texts, and where it begins. */
interface Row {
  readonly file: string;
  readonly cells: readonly string[];
  readonly number: number;
  readonly byte: number;
}

/**
 * Reads a table of comma or tab separated values row by row, as objects; each pass reads it anew. Columns of numbers and of
 * true and false are recognised, or given by `types`; empty cells in them are null. Empty lines are skipped. The second of
 * two columns `a` is called `a.1`.
 *
 * @throws FileError while it is read, with the file, the row (the header's is 1), the column and the byte where the row begins;
 * a row of more than `maxBytes` (a quote that is never closed, say) too.
 *
 * @example
 * const bytes = new TextEncoder().encode("size,town\n40,Bonn\n60,Kiel\n");
 * const rows: object[] = [];
 * for await (const row of readCsv(bytes)) rows.push(row);
 * rows; // [{ size: 40, town: "Bonn" }, { size: 60, town: "Kiel" }]
 */
export function readCsv(input: SourceInput, options: CsvOptions = {}): IterableDataset<Record<string, CsvValue>> {
  checkSourceOptions("readCsv", options, ["delimiter", "columns", "types"]);
  const { types = {}, maxBytes: most = ROW_BYTES } = options;
  for (const [name, type] of Object.entries(types)) {
    if (type in convert) continue;
    throw new ValueError(`readCsv: column ${show(name)}: types are number, boolean and string, got ${show(type)}`);
  }
  return new IterableDataset(async function* () {
    let columns = options.columns;
    let known: readonly CsvType[] | null = null;
    const waiting: Row[] = [];
    for await (const row of rowsOf(input, options, most)) {
      if (columns === undefined) {
        columns = distinct(row.cells);
        continue;
      }
      if (row.cells.length !== columns.length) {
        throw damage(row, `has ${row.cells.length} cells, there are ${columns.length} columns`);
      }
      if (known !== null) {
        yield record(row, columns, known);
        continue;
      }
      waiting.push(row);
      if (waiting.length < SAMPLE && row.byte - waiting[0]!.byte < most) continue;
      known = typesOf(waiting, columns, types);
      for (const early of waiting.splice(0)) yield record(early, columns, known);
    }
    if (columns === undefined || waiting.length === 0) return;
    known = typesOf(waiting, columns, types);
    for (const row of waiting) yield record(row, columns, known);
  });
}

/** Names of columns; the second `a` becomes `a.1`, as pandas has it. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let i = 1; seen.has(own) || (own !== name && taken.has(own)); i++) own = `${name}.${i}`;
    seen.add(own);
    return own;
  });
}

const damage = ({ file, number, byte }: Row, problem: string): FileError =>
  new FileError(`${file}: row ${number}, from byte ${byte}: ${problem}`);

const convert: Readonly<Record<CsvType, (cell: string) => CsvValue | undefined>> = {
  number: (cell) => (cell.trim() === "" ? null : NUMBER.test(cell) ? Number(cell) : undefined),
  boolean: (cell) => (cell === "" ? null : /^true$/i.test(cell) ? true : /^false$/i.test(cell) ? false : undefined),
  string: (cell) => cell,
};

/** The narrowest type that all cells of a column have. */
function typesOf(
  rows: readonly Row[],
  columns: readonly string[],
  given: Readonly<Record<string, CsvType>>,
): CsvType[] {
  return columns.map((name, k) => {
    if (given[name] !== undefined) return given[name];
    const cells = rows.map((row) => row.cells[k]!).filter((cell) => cell !== "");
    const fits = (type: CsvType): boolean =>
      cells.length > 0 && cells.every((cell) => convert[type](cell) !== undefined);
    return fits("number") ? "number" : fits("boolean") ? "boolean" : "string";
  });
}

function record(row: Row, columns: readonly string[], types: readonly CsvType[]): Record<string, CsvValue> {
  return Object.fromEntries(
    columns.map((name, k) => {
      const cell = row.cells[k]!;
      const value = convert[types[k]!](cell);
      if (value === undefined) {
        throw damage(
          row,
          `column ${show(name)}: ${show(cell)} is no ${types[k]!}\n  hint: types: { ${name}: "string" } takes it as text`,
        );
      }
      return [name, value] as const;
    }),
  );
}

async function* rowsOf(input: SourceInput, options: CsvOptions, most: number): AsyncGenerator<Row> {
  // Only who reads a table loads the parser.
  const { Parser } = (await import("papaparse")).default;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const length = (text: string): number => new TextEncoder().encode(text).length;
  let [text, name, number, byte, read] = ["", "", 0, 0, 0];
  let form: { readonly delimiter: string; readonly newline: "\n" | "\r\n" } | undefined;
  let begun = 0; // characters of a row that has no end yet
  function* parse(last: boolean): Generator<Row> {
    // A long row is not parsed again with each piece of it.
    if (!last && text.length < Math.min(2 * begun, most)) return;
    form ??= formOf(text, options.delimiter);
    const rows: Row[] = [];
    let start = 0;
    const parser = new Parser({
      ...form,
      step: ({ data, errors, meta }: { data: string[][]; errors: { message: string }[]; meta: { cursor: number } }) => {
        const bytes = length(text.slice(start, meta.cursor));
        const row = { file: name, cells: data[0] ?? [], number: ++number, byte };
        if (errors.length > 0) throw damage(row, errors[0]!.message);
        if (row.cells.length !== 1 || row.cells[0]!.trim() !== "") rows.push(row);
        start = meta.cursor;
        byte += bytes;
      },
    });
    parser.parse(text, 0, !last);
    text = text.slice(start);
    begun = text.length;
    yield* rows;
  }
  for await (const { file, bytes } of streamBytes("readCsv", input, options)) {
    name = file;
    try {
      text += decoder.decode(bytes, { stream: true });
    } catch {
      throw new FileError(`${name}: is no UTF-8 text, between bytes ${read} and ${read + bytes.length}`);
    }
    read += bytes.length;
    if (byte === 0 && text.startsWith("\ufeff")) [text, byte] = [text.slice(1), 3]; // a byte order mark
    yield* parse(false);
    if (text.length > most) throw tooLong(`${name}: row ${number + 1}, from byte ${byte}`, most);
  }
  if (text !== "") yield* parse(true);
}

function formOf(text: string, delimiter: string | undefined): { delimiter: string; newline: "\n" | "\r\n" } {
  const end = text.indexOf("\n");
  const first = end < 0 ? text : text.slice(0, end);
  const count = (one: string): number => first.split(one).length;
  const guess = [",", "\t", ";"].reduce((best, one) => (count(one) > count(best) ? one : best));
  return { delimiter: delimiter ?? guess, newline: first.endsWith("\r") ? "\r\n" : "\n" };
}
