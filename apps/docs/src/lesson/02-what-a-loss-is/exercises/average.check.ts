import { Tensor, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(b));

export async function check({ loss }: { loss?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof loss !== "function") return no("Export a function called loss.");
  for (const residuals of [[1, -2, 3], [0.5, 0.5], [-4]]) {
    // prettier-ignore
    const n = residuals.length;
    const targets = tensor(residuals.map((residual, i) => residual + i));
    const result: unknown = (loss as (a: Tensor, b: Tensor) => unknown)(tensor(residuals.map((_, i) => i)), targets);
    if (!(result instanceof Tensor)) return no("loss returns a tensor.");
    if (result.numel() !== 1) return no(`loss returns one number, and this has shape [${result.shape.join(", ")}].`);
    const value = await result.item();
    const sum = residuals.reduce((total, residual) => total + residual ** 2, 0);
    const about = `For the residuals ${residuals.join(", ")} you say ${Number(value.toPrecision(4))}`;
    if (close(value, sum / n)) continue;
    if (close(value, sum)) return no(`${about}: that is the sum. Twice as many examples would make it twice as large.`);
    if (close(value, residuals.reduce((total, residual) => total + residual, 0) / n))
      return no(`${about}: residuals of both signs cancel. Square them first.`);
    if (close(value, residuals.reduce((total, residual) => total + Math.abs(residual), 0) / n))
      return no(`${about}: that is the mean absolute error. This one squares.`);
    return no(`${about}, and it should be ${Number((sum / n).toPrecision(4))}: square each, then take the mean.`);
  }
  return { ok: true, message: "An average does not grow with the number of examples, so losses can be compared." };
}
