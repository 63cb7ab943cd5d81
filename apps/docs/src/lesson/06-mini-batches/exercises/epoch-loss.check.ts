import { type Tensor, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(b));

// The third epoch's last batch is a single sample, and a bad one.
const epochs = [[[1, 3]], [[4, 2], [6, 8]], [[1, 2, 3], [2, 1, 3], [20]]]; // prettier-ignore

export async function check({ epochLoss }: { epochLoss?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof epochLoss !== "function") return no("Export a function called epochLoss.");
  for (const batches of epochs) {
    const tensors = batches.map((losses) => tensor(losses));
    const value: unknown = await (epochLoss as (batches: Iterable<Tensor>) => unknown)(tensors);
    if (typeof value !== "number") return no("epochLoss returns a Promise of a number.");
    const all = batches.flat();
    if (close(value, mean(all))) continue;
    const about = `With batches of ${batches.map(({ length }) => length).join(", ")} samples you say ${Number(value.toPrecision(4))}`;
    if (close(value, mean(batches.at(-1)!))) return no(`${about}: that is the last batch's loss. What of the others?`);
    if (close(value, mean(batches.map(mean))))
      return no(`${about}: a mean of means. The one sample of the last batch counts as much as three of another.`);
    if (close(value, mean(all) * all.length)) return no(`${about}: that is the sum. Divide by the number of samples.`);
    if (close(value, (mean(all) * all.length) / batches.length))
      return no(`${about}: you divide by the number of batches, and not by that of samples.`);
    return no(`${about}, and the average of all samples is ${Number(mean(all).toPrecision(4))}.`);
  }
  return { ok: true, message: "Each sample counts once, in whichever batch it comes." };
}
