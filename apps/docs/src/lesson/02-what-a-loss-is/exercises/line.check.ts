import { tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const x = tensor([1, 2, 4, 5]);
const y = tensor([4, 8, 11, 15]);

export async function check({ w, b }: { w?: unknown; b?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof w !== "number" || typeof b !== "number") return no("Export two numbers, w and b.");
  const residuals = y.sub(x.mul(w).add(b));
  const loss = await residuals.square().mean().item();
  const shown = `The loss is ${Number(loss.toPrecision(4))}.`;
  if (loss < 0.7) return { ok: true, message: shown };
  const lean = await residuals.mean().item();
  const tilt = await residuals.mul(x.sub(3)).mean().item();
  if (Math.abs(lean) > 0.5)
    return no(
      `${shown} On average the points lie ${Math.abs(lean).toFixed(1)} ${lean > 0 ? "above" : "below"} your line: move b.`,
    );
  return no(
    `${shown} Points on the right lie ${tilt > 0 ? "above" : "below"} your line and those on the left on the other side: turn it with w.`,
  );
}
