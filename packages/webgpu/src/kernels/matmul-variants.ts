import type { ProductShape } from "./matmul-shape.js";

/** How a tiled matrix product is shared out. */
export interface Tile {
  /** Elements that a workgroup computes. */
  readonly rows: number;
  readonly columns: number;
  /** Terms that it holds in workgroup memory at a time. */
  readonly depth: number;
  /** Elements that a thread computes: multiples of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
}

const tile = (rows: number, columns: number, depth: number, threadRows: number, threadColumns: number): Tile => ({
  rows,
  columns,
  depth,
  threadRows,
  threadColumns,
});

/** The tiles there are, largest first. */
export const tiles: readonly Tile[] = [
  tile(128, 128, 16, 8, 8),
  tile(64, 64, 16, 4, 4),
  tile(128, 32, 16, 8, 4),
  tile(32, 128, 16, 4, 8),
  tile(32, 32, 32, 4, 4),
];

/** Workgroups that keep a GPU busy. */
const enough = 128;
/** Terms that are worth a workgroup of their own. */
const leastDepth = 256;

/** How a product is computed: each element's terms read directly, or through tiles in workgroup memory. */
export type Choice =
  | "direct"
  | {
      readonly tile: Tile;
      /** Workgroups that share the depth of one tile; their sums are added up by a second dispatch. */
      readonly parts: number;
    };

const groups = ({ batch, rows, columns }: ProductShape, by: Tile): number =>
  batch * Math.ceil(rows / by.rows) * Math.ceil(columns / by.columns);

/** Elements of a tile that lie outside of the product are computed in vain. */
const waste = ({ rows, columns }: ProductShape, by: Tile): number =>
  (Math.ceil(rows / by.rows) * by.rows * Math.ceil(columns / by.columns) * by.columns) / (rows * columns);

/** Workgroups that share the depth of a tile, where there are too few tiles to keep the GPU busy. */
function partsFor(shape: ProductShape, by: Tile): number {
  const busy = groups(shape, by);
  const most = Math.floor(shape.depth / leastDepth);
  return busy >= enough / 2 || most < 2 ? 1 : Math.min(most, Math.ceil(enough / busy));
}

/** Chooses a tile for a shape: the largest of those that keep the GPU busy and waste little. */
export function chooseTile(shape: ProductShape): Choice {
  const fitting = tiles.filter((by) => waste(shape, by) < 1.4);
  const tile =
    fitting.find((by) => groups(shape, by) >= enough) ??
    tiles.reduce((best, by) => {
      const cost = (one: Tile): number => waste(shape, one) * Math.max(1, enough / groups(shape, one));
      return cost(by) < cost(best) ? by : best;
    });
  return { tile, parts: partsFor(shape, tile) };
}

/** Ways to compute a product of a shape that are worth a try. */
export function choicesFor(shape: ProductShape): Choice[] {
  const tiled = tiles.flatMap((tile): Choice[] => {
    const parts = partsFor(shape, tile);
    return [{ tile, parts: 1 }, ...(parts > 1 ? [{ tile, parts }] : [])];
  });
  return ["direct", ...tiled];
}

/** Whether something is one of the ways to compute a product: read from a file, say. */
export function isChoice(choice: unknown): choice is Choice {
  if (choice === "direct") return true;
  if (typeof choice !== "object" || choice === null) return false;
  const { tile, parts } = choice as Partial<Exclude<Choice, "direct">>;
  const known = tiles.some((one) => (Object.keys(one) as (keyof Tile)[]).every((key) => one[key] === tile?.[key]));
  return known && Number.isInteger(parts) && parts! >= 1;
}
