import { describe, expect, it } from "vitest";

import { type MatmulDescription, type Offsets, prepareMatmul } from "../src/wasm/routines/descriptor.js";
import { detectFeatures, type Features } from "../src/wasm/routines/features.js";
import type { MatrixType } from "../src/wasm/routines/lanes.js";
import { buildRoutines, routines } from "../src/wasm/routines/routines.js";
import { webAssembly } from "../src/wasm/web-assembly.js";

type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;
type Routine = (...args: number[]) => void;

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };
const sizes: Record<MatrixType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1 };
const dtypes: readonly MatrixType[] = ["float32", "float64", "int32", "uint8"];

const host = webAssembly()!;
const detected = detectFeatures();
const flavours: Record<string, Features> = {
  relaxed: { simd: true, relaxed: true },
  simd: { simd: true, relaxed: false },
  scalar: { simd: false, relaxed: false },
};
const flavourNames = Object.keys(flavours).filter((name) => name !== "relaxed" || detected.relaxed);

const page = 65536;
// The matrices lie at the very end of the memory, so that a read or write beyond them traps.
const pages = 160;
const memories = new Map<string, { memory: { buffer: ArrayBufferLike }; exports: Record<string, unknown> }>();

function open(flavour: string): { buffer: ArrayBufferLike; exports: Record<string, unknown> } {
  let found = memories.get(flavour);
  if (found === undefined) {
    const memory = new host.Memory({ initial: pages });
    const module = new host.Module(buildRoutines(flavours[flavour]!));
    found = { memory, exports: new host.Instance(module, { env: { memory } }).exports };
    memories.set(flavour, found);
  }
  return { buffer: found.memory.buffer, exports: found.exports };
}

// A small generator of our own: the tests must not depend on another's stream.
let state = 1;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const upTo = (limit: number): number => Math.floor(random() * limit);

function fill(dtype: MatrixType, length: number): Elements {
  const values = new arrays[dtype](length);
  for (let i = 0; i < length; i++) {
    values[i] = dtype === "int32" ? (random() - 0.5) * 2 ** 32 : dtype === "uint8" ? upTo(256) : random() * 2 - 1;
  }
  return values;
}

const at = (offsets: Offsets, i: number): number => (typeof offsets === "number" ? offsets * i : offsets[i]!);

/** The definition: in float64, integers in wrapping arithmetic. The bound on the error of each element goes along. */
function expected(
  d: MatmulDescription,
  a: Elements,
  b: Elements,
  c: Elements,
): { values: Elements; magnitudes: Float64Array } {
  const size = sizes[d.dtype];
  const values = c.slice();
  const magnitudes = new Float64Array(c.length);
  const integer = d.dtype === "int32" || d.dtype === "uint8";
  for (let item = 0; item < (d.batch?.count ?? 1); item++) {
    const [a0, b0, c0] = d.batch ? [at(d.batch.a, item), at(d.batch.b, item), at(d.batch.c, item)] : [0, 0, 0];
    for (let i = 0; i < d.m; i++) {
      for (let j = 0; j < d.n; j++) {
        const place = (c0 + i * d.rowStride) / size + j;
        let sum = d.accumulate ? c[place]! : 0;
        let magnitude = Math.abs(sum);
        for (let k = 0; k < d.k; k++) {
          const x = a[(a0 + at(d.a.rows, i) + at(d.a.depth, k)) / size]!;
          const y = b[(b0 + at(d.b.depth, k) + at(d.b.columns, j)) / size]!;
          sum = integer ? (sum + Math.imul(x, y)) | 0 : sum + x * y;
          magnitude += Math.abs(x * y);
        }
        values[place] = sum;
        magnitudes[place] = magnitude;
      }
    }
  }
  return { values, magnitudes };
}

/** Runs a routine over the row cuts, and returns C with what lies around it. */
function run(
  flavour: string,
  d: MatmulDescription,
  a: Elements,
  b: Elements,
  c: Elements,
  cuts: readonly number[] = [],
): Elements {
  const { buffer, exports } = open(flavour);
  const prepared = prepareMatmul(d, flavours[flavour]!);
  const Type = arrays[d.dtype];
  // From the end of memory downwards: b, a, c, scratch; the descriptor at the start.
  let top = pages * page;
  const place = (bytes: number): number => (top -= Math.ceil(bytes / 16) * 16);
  const bytes = new Uint8Array(buffer);
  bytes.fill(0xff); // NaN, where nobody wrote
  const [bAt, aAt, cAt] = [b, a, c].map((values) => {
    const address = place(values.byteLength) + ((16 - (values.byteLength % 16)) % 16);
    new Uint8Array(buffer, address, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return address;
  }) as [number, number, number];
  const scratch = place(prepared.scratchBytes);
  const guard = scratch - 16;
  expect(4 * prepared.words.length).toBeLessThan(guard);
  new Int32Array(buffer).set(prepared.words, 4);
  const routine = exports[prepared.routine] as Routine;
  const ends = [...cuts, prepared.rows];
  for (const [i, end] of ends.entries()) routine(16, aAt, bAt, cAt, i === 0 ? 0 : ends[i - 1]!, end, scratch);
  expect(new Int32Array(buffer, guard, 4)).toEqual(new Int32Array(4).fill(-1));
  return new Type(new Uint8Array(buffer).slice(cAt, cAt + c.byteLength).buffer);
}

const unit: Record<MatrixType, number> = { float32: 2 ** -24, float64: 2 ** -53, int32: 0, uint8: 0 };

function check(flavour: string, d: MatmulDescription, a: Elements, b: Elements, c: Elements): void {
  const label = `${flavour} ${d.dtype} ${d.m}x${d.k}x${d.n}`;
  const { values, magnitudes } = expected(d, a, b, c);
  const got = run(flavour, d, a, b, c);
  // |error| <= k u Σ|x y| for any order of summation (Higham, "Accuracy and stability of numerical algorithms", 3.5).
  const slack = (d.k + 2) * unit[d.dtype];
  for (let i = 0; i < values.length; i++) {
    const bound = magnitudes[i]! * slack;
    if (!(Math.abs(got[i]! - values[i]!) <= bound)) {
      expect.fail(`${label}: element ${i} is ${got[i]!}, not ${values[i]!}`);
    }
  }
  const rows = d.m * (d.batch?.count ?? 1);
  const cuts = [upTo(rows + 1), upTo(rows + 1), upTo(rows + 1)].sort((x, y) => x - y);
  expect(run(flavour, d, a, b, c, cuts), `${label} cut at ${cuts.join()}`).toEqual(got);
}

interface Layout {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly accumulate?: boolean;
  /** Elements between the end of a row and the next. */
  readonly gap?: number;
}

function dense(flavour: string, dtype: MatrixType, m: number, n: number, k: number, layout: Layout = {}): void {
  const size = sizes[dtype];
  const gap = layout.gap ?? 0;
  const strides = (rows: number, columns: number, transposed = false): [number, number, number] =>
    transposed
      ? [size, (rows + gap) * size, (rows + gap) * columns]
      : [(columns + gap) * size, size, rows * (columns + gap)];
  const [rowsOfA, depthOfA, lengthOfA] = strides(m, k, layout.transposeA);
  const [depthOfB, columnsOfB, lengthOfB] = strides(k, n, layout.transposeB);
  check(
    flavour,
    {
      dtype,
      m,
      n,
      k,
      a: { rows: rowsOfA, depth: depthOfA },
      b: { depth: depthOfB, columns: columnsOfB },
      rowStride: (n + gap) * size,
      accumulate: layout.accumulate ?? false,
    },
    fill(dtype, lengthOfA),
    fill(dtype, lengthOfB),
    fill(dtype, m * (n + gap)),
  );
}

/** The offset of each index of a view, its dims given as [size, stride] in elements. */
function offsets(dtype: MatrixType, ...dims: readonly (readonly [number, number])[]): Int32Array {
  let all = [0];
  for (const [length, stride] of dims) {
    all = all.flatMap((from) => Array.from({ length }, (_, i) => from + i * stride * sizes[dtype]));
  }
  return Int32Array.from(all);
}

interface Convolution {
  readonly channels: number;
  readonly filters: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly images: number;
}

/** y[n] = W · windows(x[n]), and the gradient of W: the sum over images and places of ∂y · windowsᵀ. */
function convolution(flavour: string, dtype: MatrixType, shape: Convolution): void {
  const { channels, filters, height, width, kernel, stride, images } = shape;
  const size = sizes[dtype];
  const [rows, columns] = [height, width].map((length) => Math.floor((length - kernel) / stride) + 1) as [
    number,
    number,
  ];
  const image = channels * height * width;
  const places = rows * columns;
  const weights = channels * kernel * kernel;
  const window = [
    [channels, height * width],
    [kernel, width],
    [kernel, 1],
  ] as const;
  const slides = [
    [rows, stride * width],
    [columns, stride],
  ] as const;
  const x = fill(dtype, images * image);
  check(
    flavour,
    {
      dtype,
      m: filters,
      n: places,
      k: weights,
      a: { rows: weights * size, depth: size },
      b: { depth: offsets(dtype, ...window), columns: offsets(dtype, ...slides) },
      rowStride: places * size,
      batch: { count: images, a: 0, b: image * size, c: filters * places * size },
    },
    fill(dtype, filters * weights),
    x,
    fill(dtype, images * filters * places),
  );
  check(
    flavour,
    {
      dtype,
      m: filters,
      n: weights,
      k: images * places,
      a: { rows: places * size, depth: offsets(dtype, [images, filters * places], [places, 1]) },
      b: { depth: offsets(dtype, [images, image], ...slides), columns: offsets(dtype, ...window) },
      rowStride: weights * size,
    },
    fill(dtype, images * filters * places),
    x,
    fill(dtype, filters * weights),
  );
}

const layouts: readonly Layout[] = [
  {},
  { transposeA: true },
  { transposeB: true },
  { transposeA: true, transposeB: true },
];

describe("features", () => {
  it("are what this engine has: Node 22 knows relaxed vectors, and without WebAssembly there are none", () => {
    expect(detected.simd).toBe(true);
    expect(detectFeatures(null)).toEqual({ simd: false, relaxed: false });
    expect(detectFeatures({ ...host, validate: () => false })).toEqual({ simd: false, relaxed: false });
  });
});

describe.each(flavourNames)("the matmul routines, %s", (flavour) => {
  it("are what the table of routines names", () => {
    expect(Object.keys(open(flavour).exports).sort()).toEqual(Object.keys(routines).sort());
  });

  it.each(dtypes)("multiply all small shapes: %s", (dtype) => {
    for (let m = 1; m <= 10; m++) {
      for (let n = 1; n <= 11; n++) {
        for (const k of [1, 2, 3, 4, 5, 7, 9]) dense(flavour, dtype, m, n, k, layouts[(m + n + k) % 4]);
      }
    }
  });

  it.each(dtypes)("multiply random shapes in every layout, with gaps and sums into C: %s", (dtype) => {
    for (let i = 0; i < 160; i++) {
      const skinny = i % 5;
      const m = 1 + upTo(skinny === 0 ? 4 : 70);
      const n = 1 + upTo(skinny === 1 ? 4 : 70);
      const k = 1 + upTo(skinny === 2 ? 4 : 70);
      dense(flavour, dtype, m, n, k, { ...layouts[i % 4], accumulate: i % 3 === 0, gap: upTo(3) });
    }
  });

  it.each(dtypes)("multiply beyond one block in each direction: %s", (dtype) => {
    const [normal, transposedA, transposedB, transposedBoth] = layouts;
    dense(flavour, dtype, 261, 70, 33, normal);
    dense(flavour, dtype, 300, 37, 270, { ...transposedB, accumulate: true });
    dense(flavour, dtype, 33, 2051, 9, transposedBoth);
    dense(flavour, dtype, 260, 2060, 3, { ...transposedA, accumulate: true });
    // By dot products, and by streaming B or A.
    dense(flavour, dtype, 13, 19, 523, transposedB);
    dense(flavour, dtype, 2, 45, 523, normal);
    dense(flavour, dtype, 45, 1, 523, { ...transposedA, accumulate: true });
  });

  it.each(dtypes)("multiply by windows of an image, as a convolution and its gradients do: %s", (dtype) => {
    for (const [channels, filters, height, width, kernel, stride] of [
      [1, 4, 9, 12, 3, 1],
      [3, 5, 10, 7, 3, 2],
      [2, 18, 8, 8, 1, 1],
      [4, 40, 6, 11, 2, 1],
    ] as const) {
      convolution(flavour, dtype, { channels, filters, height, width, kernel, stride, images: 3 });
    }
  });

  it.each(dtypes)("read what is repeated or reversed: %s", (dtype) => {
    const size = sizes[dtype];
    for (const m of [1, 5, 40]) {
      const d = { dtype, m, n: 11, k: 6, rowStride: 11 * size };
      const column = { rows: size, depth: 0 };
      check(
        flavour,
        { ...d, a: column, b: { depth: 0, columns: size } },
        fill(dtype, m),
        fill(dtype, 11),
        fill(dtype, m * 11),
      );
      const reversed = Int32Array.from({ length: 11 }, (_, j) => (10 - j) * size);
      const b = { depth: 11 * size, columns: reversed };
      check(flavour, { ...d, a: column, b }, fill(dtype, m), fill(dtype, 66), fill(dtype, m * 11));
    }
  });

  it.each(dtypes)("multiply the matrices of a batch, one of them shared, cut anywhere: %s", (dtype) => {
    const size = sizes[dtype];
    for (const [m, n, k, transposed] of [
      [7, 12, 9, false],
      [6, 5, 16, true],
      [1, 9, 8, false],
    ] as const) {
      check(
        flavour,
        {
          dtype,
          m,
          n,
          k,
          a: { rows: k * size, depth: size },
          b: transposed ? { depth: size, columns: k * size } : { depth: n * size, columns: size },
          rowStride: n * size,
          batch: { count: 4, a: Int32Array.of(2, 0, 1, 2).map((i) => i * m * k * size), b: 0, c: m * n * size },
        },
        fill(dtype, 3 * m * k),
        fill(dtype, n * k),
        fill(dtype, 4 * m * n),
      );
    }
  });

  it("sum nothing to zero, or to what C holds", () => {
    dense(flavour, "float32", 5, 6, 0);
    dense(flavour, "float32", 5, 6, 0, { accumulate: true });
    dense(flavour, "float32", 0, 6, 3);
    dense(flavour, "float32", 4, 0, 3);
  });
});
