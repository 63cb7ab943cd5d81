import type { Features } from "./features.js";
import { type Lanes, lanesOf, type MatrixType } from "./lanes.js";

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

/** How a product may be computed; each way is a routine of its own. */
export type Path = "tiled" | "dot" | "stream";

/** Rows of a packed panel of A, and of a tile. */
export const panelRows = 4;
/** Entries after a table's last, equal to it: panels and vectors may read past the end. */
const padding = 8;
/** The most rows or columns for which dot products beat packed panels. */
const dotLimit = 16;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Cuts `length` into equal blocks of at most `limit`, each a multiple of `step`. */
function block(length: number, limit: number, step: number): number {
  return Math.max(roundUp(Math.ceil(length / Math.ceil(Math.max(length, 1) / limit)), step), step);
}

/** Whether each whole group of `count` offsets, from the first on, is of neighbours. */
function inGroups(offsets: Offsets, length: number, count: number, size: number): boolean {
  if (typeof offsets === "number") return offsets === size || count === 1;
  for (let i = 0; i + count <= length; i += count) {
    for (let j = 1; j < count; j++) if (offsets[i + j]! - offsets[i]! !== size * j) return false;
  }
  return true;
}

/** Chooses by the whole shape, never by the rows of a call, since the paths sum in different orders. */
function choosePath({ a, b, k, m, n, rowStride }: MatmulDescription, { count, size }: Lanes): Path {
  const along = inGroups(a.depth, k, count, size) && inGroups(b.depth, k, count, size);
  if (along && Math.min(m, n) <= dotLimit && k >= 2 * count) return "dot";
  if (m <= 2 && inGroups(b.columns, n, n, size)) return "stream";
  if (n === 1 && rowStride === size && inGroups(a.rows, m, m, size)) return "stream";
  return "tiled";
}

/** Whether one step along the depth of B stays within a page: where not, many rows packed once are read faster. */
function near(offsets: Offsets, length: number): boolean {
  const page = 4096;
  if (typeof offsets === "number") return Math.abs(offsets) < page;
  let moved = 0;
  for (let i = 1; i < length; i++) moved += Math.abs(offsets[i]! - offsets[i - 1]!);
  return moved < page * length;
}

const at = (offsets: Offsets, i: number): number => (typeof offsets === "number" ? i * offsets : (offsets[i] ?? 0));

/** Writes what the routine must know about a matrix product. */
export function prepareMatmul(description: MatmulDescription, features: Features): PreparedMatmul {
  const { dtype, m, n, k, a, b, rowStride, accumulate = false, batch } = description;
  const lanes = lanesOf(dtype, features);
  const { size, count } = lanes;
  const matrices = batch?.count ?? 1;
  const entries = (length: number): number => roundUp(length, 4) + padding;
  const header = roundUp(names.length, 4);
  const words = new Int32Array(header + entries(m) + 2 * entries(k) + entries(n) + 3 * matrices);
  let end = header;
  const table = (offsets: Offsets, length: number): number => {
    const start = end;
    for (let i = 0; i < entries(length); i++) words[end++] = at(offsets, Math.max(Math.min(i, length - 1), 0));
    return 4 * start;
  };

  const panelColumns = 2 * count;
  const depthBlock = block(k, 256, 4);
  const rowBlock = block(m, 256, 2 * panelRows);
  const columnBlock = block(n, 2048, panelColumns);
  const bPack = rowBlock * depthBlock * size;
  const tile = roundUp(bPack + (m > rowBlock ? columnBlock : panelColumns) * depthBlock * size, 16);
  const values: Record<Field, number> = {
    m,
    n,
    k,
    rowStride,
    accumulate: accumulate ? 1 : 0,
    direct: m <= (near(b.depth, k) ? 128 : 8) ? 1 : 0,
    aRows: table(a.rows, m),
    aDepth: table(a.depth, k),
    bDepth: table(b.depth, k),
    bColumns: table(b.columns, n),
    batches: 4 * end,
    depthBlock,
    rowBlock,
    columnBlock,
    bPack,
    tile,
  };
  for (const name of names) words[fields[name] / 4] = values[name];
  for (let i = 0; i < matrices; i++) {
    for (const offsets of [batch?.a, batch?.b, batch?.c]) words[end++] = at(offsets ?? 0, i);
  }
  return {
    routine: `matmul_${dtype}_${choosePath(description, lanes)}`,
    words,
    scratchBytes: roundUp(tile + rowBlock * panelColumns * size, 16),
    rows: matrices * m,
  };
}
