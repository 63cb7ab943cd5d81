import type { GraphNode } from "./experiment.js";

/** Where a Node stands: columns from the left, rows from the top. */
export interface Placed {
  readonly node: GraphNode;
  readonly column: number;
  readonly row: number;
  /** What it is drawn as computed from: places in the layout. */
  readonly inputs: readonly number[];
}

const views: ReadonlySet<string> = new Set(["reshape", "permute", "expand"]);

/**
 * Puts a graph into columns. What a Node is mainly computed from stands above it, whatever else goes in beside it, to the
 * right. Views, which only show the same values in another shape, may be left out.
 */
export function layOut(graph: readonly GraphNode[], withViews: boolean): Placed[] {
  const shown = (place: number): number => {
    const { op, name, inputs } = graph[place]!;
    return !withViews && name === null && views.has(op) && inputs.length === 1 ? shown(inputs[0]!) : place;
  };
  const inputsOf = (place: number): number[] => graph[place]!.inputs.map(shown);
  const heights: number[] = [];
  for (const place of graph.keys()) heights.push(1 + Math.max(-1, ...inputsOf(place).map((input) => heights[input]!)));

  const taken = new Set<string>();
  const spots = new Map<number, { column: number; row: number }>();
  const put = (place: number, row: number, from: number): void => {
    const trunk = [place];
    for (let above = main(place); above !== null && !spots.has(above); above = main(above)) trunk.push(above);
    let column = from;
    while (trunk.some((_, up) => taken.has(`${column} ${row - up}`))) column++;
    trunk.forEach((at, up) => {
      spots.set(at, { column, row: row - up });
      taken.add(`${column} ${row - up}`);
    });
    trunk.forEach((at, up) => {
      for (const input of inputsOf(at)) if (!spots.has(input)) put(input, row - up, column + 1);
    });
  };
  /** The input with most behind it; among leaves, one that learns. */
  const main = (place: number): number | null => {
    const weight = (at: number): number => heights[at]! + (graph[at]!.gradient === null ? 0 : 0.5);
    const inputs = inputsOf(place).sort((a, b) => weight(b) - weight(a));
    return inputs[0] ?? null;
  };
  put(shown(graph.length - 1), 0, 0);

  const order = [...spots.keys()].sort((a, b) => a - b);
  const top = Math.min(...order.map((place) => spots.get(place)!.row));
  return order.map((place) => {
    const { column, row } = spots.get(place)!;
    return {
      node: graph[place]!,
      column,
      row: row - top,
      inputs: inputsOf(place).map((input) => order.indexOf(input)),
    };
  });
}
