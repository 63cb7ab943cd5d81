import { estimateMemory, largestBatch, type Tensor } from "@downhill/core";

type Step = (images: Tensor, labels: Tensor) => unknown;
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const budget = 8 * 2 ** 20;

export async function check({
  step,
  size,
}: {
  step?: unknown;
  size?: unknown;
}): Promise<{ ok: boolean; message: string }> {
  if (typeof step !== "function") return no("Export the function step, as it was.");
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1) return no("Export a whole number called size.");
  const { peak } = estimateMemory(step as Step, [[size, 64], { shape: [size], dtype: "int32" }]);
  const shown = `A batch of ${size} takes ${(peak / 2 ** 20).toFixed(2)} MB`;
  if (peak > budget) return no(`${shown}: too much.`);
  const largest = largestBatch(step as Step, [[64], { shape: [], dtype: "int32" }], { budget });
  if (size < 0.99 * largest)
    return no(
      `${shown}, and more fits. Try, or let largestBatch(step, [[64], { shape: [], dtype: "int32" }], { budget }) tell you.`,
    );
  return { ok: true, message: `${shown}. The largest is ${largest}, and nothing had to run to know that.` };
}
