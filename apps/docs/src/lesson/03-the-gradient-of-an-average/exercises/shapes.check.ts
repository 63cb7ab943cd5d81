import { Tensor, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

const cases = [
  { said: [1, 2, 3], wanted: [1, 2, 3] },
  { said: [0, 4, 2, 2], wanted: [1, 2, 2, 5] },
];

export async function check({ loss }: { loss?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof loss !== "function") return no("Export a function called loss.");
  for (const { said, wanted } of cases) {
    const n = said.length;
    const result: unknown = (loss as (p: Tensor, t: Tensor) => unknown)(
      tensor(said.map((value) => [value])),
      tensor(wanted),
    );
    if (!(result instanceof Tensor)) return no("loss returns a tensor.");
    if (result.numel() !== 1) return no(`loss returns one number, and this has shape [${result.shape.join(", ")}].`);
    const value = await result.item();
    const squares = said.flatMap((p) => wanted.map((t) => (t - p) ** 2));
    const all = squares.reduce((sum, square) => sum + square, 0) / n ** 2;
    const right = said.reduce((sum, p, i) => sum + (wanted[i]! - p) ** 2, 0) / n;
    if (Math.abs(value - right) < 1e-5) continue;
    const about = `For predictions ${said.join(", ")} and targets ${wanted.join(", ")} you say ${Number(value.toPrecision(4))}`;
    if (Math.abs(value - all) < 1e-5) return no(`${about}: that is the mean of ${n} × ${n} residuals. Print the shape of targets.sub(predictions).`); // prettier-ignore
    return no(`${about}, and it should be ${Number(right.toPrecision(4))}.`);
  }
  return { ok: true, message: "Each prediction meets its own target, so a perfect one costs 0." };
}
