import type { MatmulKernel } from "@downhill/core/compiler";
import type { Counter } from "../wgsl/position.js";

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** The sizes of a matrix product: `batch` products of [rows, depth] and [depth, columns]. */
export interface ProductShape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** The places in the nest of the loops that count batches, rows, columns and depth. */
function kinds({ loops, batch, rows, columns }: MatmulKernel): (readonly [number, number])[] {
  return [
    [0, batch],
    [batch, batch + rows],
    [batch + rows, batch + rows + columns],
    [batch + rows + columns, loops.length],
  ];
}

export function productShape(kernel: MatmulKernel): ProductShape {
  const [batch, rows, columns, depth] = kinds(kernel).map(([first, end]) => product(kernel.loops.slice(first, end)));
  return { batch: batch!, rows: rows!, columns: columns!, depth: depth! };
}

/** The loops of a product, counted by four numbers. */
export function countersOf(kernel: MatmulKernel, ...flats: [string, string, string, string]): Counter[] {
  return kinds(kernel).map(([first, end], i) => ({
    loops: Array.from({ length: end - first }, (_, j) => first + j),
    sizes: kernel.loops.slice(first, end),
    flat: flats[i]!,
  }));
}

/** The loops that count the depth. */
export const depthLoops = (kernel: MatmulKernel): readonly number[] => countersOf(kernel, "", "", "", "")[3]!.loops;
