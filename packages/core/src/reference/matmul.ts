import { sizeOf } from "../shape.js";
import type { TypedArray } from "../dtype.js";
import { broadcastStrides, type Handler, places } from "./kernel.js";

/** One product of matrices, [n, k] from `fromX` in `a` by [k, m] from `fromY` in `b`, into `out` from `to`. */
type Multiply = (out: TypedArray, a: TypedArray, b: TypedArray, to: number, fromX: number, fromY: number) => void;

/** Element by element: for results too narrow, or products too small, to pay for whole rows. */
const byElement =
  (n: number, k: number, m: number): Multiply =>
  (out, a, b, to, fromX, fromY) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let total = 0;
        for (let p = 0; p < k; p++) total += a[fromX + i * k + p]! * b[fromY + p * m + j]!;
        out[to + i * m + j] = total;
      }
    }
  };

/** Row by row: adds multiples of b's rows, which lie in order in memory, in float64, four at a time. */
function byRow(n: number, k: number, m: number): Multiply {
  const row = new Float64Array(m);
  const whole = k - (k % 4);
  return (out, a, b, to, fromX, fromY) => {
    for (let i = 0; i < n; i++) {
      row.fill(0);
      const x = fromX + i * k;
      for (let p = 0; p < whole; p += 4) {
        const [f0, f1, f2, f3] = [a[x + p]!, a[x + p + 1]!, a[x + p + 2]!, a[x + p + 3]!];
        const y = fromY + p * m;
        for (let j = 0; j < m; j++) {
          row[j] = row[j]! + f0 * b[y + j]! + f1 * b[y + m + j]! + f2 * b[y + 2 * m + j]! + f3 * b[y + 3 * m + j]!;
        }
      }
      for (let p = whole; p < k; p++) {
        const f = a[x + p]!;
        const y = fromY + p * m;
        for (let j = 0; j < m; j++) row[j]! += f * b[y + j]!;
      }
      out.set(row, to + i * m);
    }
  };
}

/** Integers wrap at 32 bits, and at 8 when uint8 is stored. */
const wrapping =
  (n: number, k: number, m: number): Multiply =>
  (out, a, b, to, fromX, fromY) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let total = 0;
        for (let p = 0; p < k; p++) total = (total + Math.imul(a[fromX + i * k + p]!, b[fromY + p * m + j]!)) | 0;
        out[to + i * m + j] = total;
      }
    }
  };

/** [..., n, k] x [..., k, m], leading dims broadcast. Sums in float64, in the order of k, and rounds once; integers wrap. */
export const matmul: Handler = (node, [x, y]) => {
  const rank = node.shape.length;
  const lead = node.shape.slice(0, -2);
  const [n, m] = [node.shape[rank - 2]!, node.shape[rank - 1]!];
  const k = x!.shape.at(-1)!;
  const batches = sizeOf(lead);
  // Which matrix of each side a batch reads, broadcasting the leading dims.
  const px = places(lead, broadcastStrides(x!.shape.slice(0, -2), lead));
  const py = places(lead, broadcastStrides(y!.shape.slice(0, -2), lead));
  const whole = node.dtype === "int32" || node.dtype === "uint8";
  const multiply = (whole ? wrapping : m < 8 || n * k * m < 512 ? byElement : byRow)(n, k, m);
  return (out, [a, b]) => {
    for (let batch = 0; batch < batches; batch++) {
      multiply(
        out,
        a!,
        b!,
        batch * n * m,
        (px === null ? batch : px[batch]!) * n * k,
        (py === null ? batch : py[batch]!) * k * m,
      );
    }
  };
};
