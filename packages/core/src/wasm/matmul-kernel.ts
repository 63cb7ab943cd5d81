import { itemSize } from "../dtype.js";
import type { Place } from "../kernel/expression.js";
import type { MatmulKernel } from "../kernel/kernel.js";
import type { MatrixType } from "./routines/lanes.js";
import { type Offsets, prepareMatmul, type PreparedMatmul } from "./routines/descriptor.js";
import type { Features } from "./routines/features.js";

/** Bytes from the first element, for each turn of some nested loops: one stride where that tells all. */
function offsetsOf({ at }: Place, loops: readonly number[], from: number, count: number, size: number): Offsets {
  const strides = at.strides.slice(from, from + count).map((stride) => stride * size);
  const sizes = loops.slice(from, from + count);
  // Outer loops that go on where the inner one ends are one loop.
  while (sizes.length > 1 && (sizes.at(-2) === 1 || strides.at(-2) === strides.at(-1)! * sizes.at(-1)!)) {
    const inner = sizes.pop()!;
    const stride = strides.pop()!;
    sizes[sizes.length - 1]! *= inner;
    strides[strides.length - 1] = stride;
  }
  if (sizes.length <= 1) return strides[0] ?? 0;
  const table = new Int32Array(sizes.reduce((product, n) => product * n, 1));
  const position = sizes.map(() => 0);
  let offset = 0;
  for (let i = 0; i < table.length; i++) {
    table[i] = offset;
    for (let dim = sizes.length - 1; dim >= 0; dim--) {
      offset += strides[dim]!;
      if (++position[dim]! < sizes[dim]!) break;
      offset -= strides[dim]! * sizes[dim]!;
      position[dim] = 0;
    }
  }
  return table;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Products with equal keys differ only in where their matrices begin. */
export const productKey = ({ dtype, loops, batch, rows, columns, a, b }: MatmulKernel): string =>
  [dtype, batch, rows, columns, loops, a.at.strides, b.at.strides].join(" ");

/** Describes a matmul Kernel to the routine. */
export function prepare(kernel: MatmulKernel, features: Features): PreparedMatmul {
  const { loops, batch, rows, columns, depth, a, b } = kernel;
  const size = itemSize[kernel.dtype];
  const [toRows, toColumns, toDepth] = [batch, batch + rows, batch + rows + columns];
  const of = (place: Place, from: number, count: number): Offsets => offsetsOf(place, loops, from, count, size);
  const [m, n, k] = [
    product(loops.slice(toRows, toColumns)),
    product(loops.slice(toColumns, toDepth)),
    product(loops.slice(toDepth)),
  ];
  return prepareMatmul(
    {
      dtype: kernel.dtype as MatrixType,
      m,
      n,
      k,
      a: { rows: of(a, toRows, rows), depth: of(a, toDepth, depth) },
      b: { depth: of(b, toDepth, depth), columns: of(b, toColumns, columns) },
      rowStride: n * size,
      batch: { count: product(loops.slice(0, batch)), a: of(a, 0, batch), b: of(b, 0, batch), c: m * n * size },
    },
    features,
  );
}
