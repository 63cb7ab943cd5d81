import type { Features } from "./features.js";
import { lanesOf, type MatrixType } from "./lanes.js";

/** Byte offsets along one dim: a stride, or the offset of each index. */
export type Offsets = number | Int32Array;

/** C[i, j] = Σₖ A[i, k] · B[k, j], for `batch` matrices. All offsets are in bytes. */
export interface MatmulDescription {
  readonly dtype: MatrixType;
  /** Rows of A and C. */
  readonly m: number;
  /** Columns of B and C. */
  readonly n: number;
  /** Columns of A, rows of B. */
  readonly k: number;
  /** A(i, k) lies at rows[i] + depth[k]. */
  readonly a: { readonly rows: Offsets; readonly depth: Offsets };
  /** B(k, j) lies at depth[k] + columns[j]. */
  readonly b: { readonly depth: Offsets; readonly columns: Offsets };
  /** From one row of C to the next; in a row the elements are neighbours. */
  readonly rowStride: number;
  /** Adds to what C holds. */
  readonly accumulate?: boolean;
  readonly batch?: { readonly count: number; readonly a: Offsets; readonly b: Offsets; readonly c: Offsets };
}

/** A description as the routine reads it: copy `words` into memory and pass their address. */
export interface PreparedMatmul {
  /** The routine's name. */
  readonly routine: string;
  /** The descriptor and its tables. Position-independent; align it to 16 bytes. */
  readonly words: Int32Array;
  /** Bytes that a call needs at `scratch`, aligned to 16; each thread needs its own. */
  readonly scratchBytes: number;
  /** Rows of all matrices together, which `start` and `end` count. */
  readonly rows: number;
}

const names = [
  "m",
  "n",
  "k",
  "batch",
  "rowStride",
  "accumulate",
  // Whether panels of B are read where they lie, if they can be.
  "direct",
  // Where the tables are, in bytes from the descriptor.
  "aRows",
  "aDepth",
  "bDepth",
  "bColumns",
  "batches",
  // Block sizes, and where in scratch the packed B and the tile of the last columns are.
  "depthBlock",
  "rowBlock",
  "columnBlock",
  "bPack",
  "tile",
] as const;

/** A field of the descriptor. */
export type Field = (typeof names)[number];

/** Where each field of the descriptor is, in bytes. */
export const fields: Readonly<Record<Field, number>> = Object.fromEntries(
  names.map((name, i) => [name, 4 * i]),
) as Record<Field, number>;

/** Rows of a packed panel of A, and of a tile. */
export const panelRows = 4;
/** Entries after a table's last, equal to it: panels and vectors may read past the end. */
const padding = 8;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Cuts `length` into equal blocks of at most `limit`, each a multiple of `step`. */
function block(length: number, limit: number, step: number): number {
  return Math.max(roundUp(Math.ceil(length / Math.ceil(Math.max(length, 1) / limit)), step), step);
}

/** Writes what the routine must know about a matrix product. */
export function prepareMatmul(description: MatmulDescription, features: Features): PreparedMatmul {
  const { dtype, m, n, k, a, b, rowStride, accumulate = false, batch } = description;
  const { size, count } = lanesOf(dtype, features);
  const matrices = batch?.count ?? 1;
  const words: number[] = new Array<number>(roundUp(names.length, 4)).fill(0);
  const table = (offsets: Offsets, length: number): number => {
    const at = 4 * words.length;
    for (let i = 0; i < roundUp(length, 4) + padding; i++) {
      const index = Math.max(Math.min(i, length - 1), 0);
      words.push(typeof offsets === "number" ? index * offsets : (offsets[index] ?? 0));
    }
    return at;
  };
  const set = (field: Field, value: number): void => {
    words[fields[field] / 4] = value;
  };
  const panelColumns = 2 * count;
  const depthBlock = block(k, 256, 4);
  const rowBlock = block(m, 256, 2 * panelRows);
  const columnBlock = block(n, 2048, panelColumns);
  const bPack = roundUp(rowBlock, 2 * panelRows) * depthBlock * size;
  const tile = roundUp(bPack + (m > rowBlock ? columnBlock : panelColumns) * depthBlock * size, 16);
  set("m", m);
  set("n", n);
  set("k", k);
  set("batch", matrices);
  set("rowStride", rowStride);
  set("accumulate", accumulate ? 1 : 0);
  set("direct", m <= 32 ? 1 : 0);
  set("aRows", table(a.rows, m));
  set("aDepth", table(a.depth, k));
  set("bDepth", table(b.depth, k));
  set("bColumns", table(b.columns, n));
  set("depthBlock", depthBlock);
  set("rowBlock", rowBlock);
  set("columnBlock", columnBlock);
  set("bPack", bPack);
  set("tile", tile);
  set("batches", 4 * words.length);
  for (let i = 0; i < matrices; i++) {
    for (const offsets of batch === undefined ? [0, 0, 0] : [batch.a, batch.b, batch.c]) {
      words.push(typeof offsets === "number" ? i * offsets : (offsets[i] ?? 0));
    }
  }
  return {
    routine: `matmul_${dtype}`,
    words: Int32Array.from(words),
    scratchBytes: roundUp(tile + rowBlock * panelColumns * size, 16),
    rows: matrices * m,
  };
}
