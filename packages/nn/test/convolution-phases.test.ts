import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, ones, type Tensor, tensor } from "@downhill/core";
import { functional } from "@downhill/nn";

const { conv2d, convTranspose2d } = functional;

/** One spatial dim: sizes of the input and the kernel, and the steps between them. */
interface Dim {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

const dim: fc.Arbitrary<Dim> = fc
  .record({
    size: fc.integer({ min: 1, max: 9 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    padding: fc.integer({ min: 0, max: 4 }),
    dilation: fc.integer({ min: 1, max: 4 }),
  })
  .filter(({ size, kernel, padding, dilation }) => size + 2 * padding > dilation * (kernel - 1));

const counted = ({ size, kernel, stride, padding, dilation }: Dim): number =>
  Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;

/** Calls `each` with the place of an output, of a weight and of the input element that they meet at, along one dim. */
function meet(dims: Dim, each: (out: number, tap: number, place: number) => void): void {
  for (let out = 0; out < counted(dims); out++) {
    for (let tap = 0; tap < dims.kernel; tap++) {
      const place = out * dims.stride + tap * dims.dilation - dims.padding;
      if (place >= 0 && place < dims.size) each(out, tap, place);
    }
  }
}

describe("the gradient of a convolution by its input", () => {
  test("is the sum over all pairs of outputs and weights that meet at an element, whatever the steps", async () => {
    await fc.assert(
      fc.asyncProperty(dim, dim, fc.constantFrom(1, 2), fc.nat(1000), async (rows, columns, groups, seed) => {
        const [batch, ins, outs] = [2, 2 * groups, 3 * groups];
        const number = (i: number): number => ((i * 7919 + seed * 31) % 11) - 5;
        const shaped = (shape: number[]): Tensor =>
          tensor(Array.from({ length: shape.reduce((all, n) => all * n, 1) }, (_, i) => number(i))).reshape(shape);
        const x = shaped([batch, ins, rows.size, columns.size]);
        const w = shaped([outs, ins / groups, rows.kernel, columns.kernel]);
        const steps = {
          stride: [rows.stride, columns.stride],
          padding: [rows.padding, columns.padding],
          dilation: [rows.dilation, columns.dilation],
          groups,
        } as const;
        x.requiresGrad = true;
        const y = conv2d(x, w, null, steps);
        const slope = shaped([...y.shape]);
        y.backward(slope);
        const [weights, slopes] = [await w.data(), await slope.data()];
        const expected = new Float32Array(x.numel());
        const at = (shape: readonly number[], ...index: number[]): number =>
          index.reduce((sum, i, k) => sum * shape[k]! + i, 0);
        for (let n = 0; n < batch; n++)
          for (let out = 0; out < outs; out++)
            for (let k = 0; k < ins / groups; k++) {
              const channel = Math.floor(out / 3) * (ins / groups) + k;
              meet(rows, (i, p, row) => {
                meet(columns, (j, q, column) => {
                  expected[at(x.shape, n, channel, row, column)]! +=
                    weights[at(w.shape, out, k, p, q)]! * slopes[at(y.shape, n, out, i, j)]!;
                });
              });
            }
        expect(await x.grad!.data()).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  /** Multiplications and additions of the matrix products that compute a value. */
  const products = (make: () => Tensor): number => {
    const { programs } = explain(() => void make().data(), { print: false });
    const kernels = programs.flatMap((program) => program.kernels);
    return kernels.reduce((sum, { ops, operations }) => sum + (ops[0] === "matmul" ? operations : 0), 0);
  };

  test.each([
    [3, { stride: 2, padding: 1 }],
    [4, { stride: 2, padding: 1 }],
    [1, { stride: 2 }],
    [7, { stride: 2, padding: 3 }],
    [8, { stride: 8 }],
    [3, { dilation: 2, padding: 2 }],
    [3, { stride: 2, dilation: 2, padding: 2 }],
  ] as const)("takes no more products than the convolution: kernel %i, %o", (size, options) => {
    const {
      stride = 1,
      padding = 0,
      dilation = 1,
    } = options as { stride?: number; padding?: number; dilation?: number };
    const span = dilation * (size - 1) + 1;
    const count = Math.floor((32 + 2 * padding - span) / stride) + 1;
    const y = ones([2, 8, count, count]);
    const w = ones([8, 4, size, size]);
    const outputPadding = 32 - ((count - 1) * stride + span - 2 * padding);
    const back = products(() => convTranspose2d(y, w, null, { ...options, outputPadding }));
    const forward = 2 * y.numel() * 4 * size * size;
    expect(back).toBeGreaterThan(0);
    // Elements in the padding meet weights as well, and so do some beyond the last output.
    expect(back).toBeLessThan(1.3 * forward);
  });
});
