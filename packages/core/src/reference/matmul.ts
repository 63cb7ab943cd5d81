import { sizeOf } from "../shape.js";
import { broadcastStrides, type Handler, places } from "./kernel.js";

/** [..., n, k] x [..., k, m], leading dims broadcast. Sums in float64 and rounds once; int32 wraps. */
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
  return (out, [a, b]) => {
    const row = new Float64Array(m);
    for (let batch = 0; batch < batches; batch++) {
      const fromX = (px === null ? batch : px[batch]!) * n * k;
      const fromY = (py === null ? batch : py[batch]!) * k * m;
      for (let i = 0; i < n; i++) {
        row.fill(0);
        for (let p = 0; p < k; p++) {
          const factor = a![fromX + i * k + p]!;
          const start = fromY + p * m;
          if (whole) for (let j = 0; j < m; j++) row[j] = (row[j]! + Math.imul(factor, b![start + j]!)) | 0;
          else for (let j = 0; j < m; j++) row[j]! += factor * b![start + j]!;
        }
        out.set(row, (batch * n + i) * m);
      }
    }
  };
};
