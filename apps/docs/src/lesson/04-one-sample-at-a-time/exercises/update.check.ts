import { grad, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const samples = [
  { w: 0, b: 0, x: 3, y: 10, rate: 0.01 },
  { w: 2, b: -1, x: 0.5, y: 4, rate: 0.1 },
  { w: 5, b: 7, x: 9, y: 51, rate: 0.002 },
];
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b));

export async function check({ update }: { update?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof update !== "function") return no("Export a function called update.");
  for (const { w, b, x, y, rate } of samples) {
    const given: unknown = (update as (...numbers: number[]) => unknown)(w, b, x, y, rate);
    if (!Array.isArray(given) || given.length !== 2 || !given.every((value) => typeof value === "number"))
      return no("update returns a list of two numbers: the new weight, the new bias.");
    const [newW, newB] = given as [number, number];

    const line = tensor([w, b], { dtype: "float64", requiresGrad: true });
    const [slope] = grad(line.at(0).mul(x).add(line.at(1)).sub(y).square(), [line]);
    const [rightW, rightB] = (await line.detach().sub(slope!.mul(rate)).tolist()) as [number, number];
    const where = `From w = ${w}, b = ${b}, the sample (${x}, ${y}) and the rate ${rate} you get`;
    const shown = (value: number): number => Number(value.toPrecision(6));
    if (close(newW, 2 * w - rightW) && !close(newW, rightW)) return no(`${where} w = ${shown(newW)}: that is uphill.`);
    if (!close(newW, rightW)) return no(`${where} w = ${shown(newW)}, and autograd ${shown(rightW)}.`);
    if (close(newB, rightB)) continue;
    const late = b + 2 * rate * (y - (rightW * x + b));
    if (close(newB, late)) return no(`${where} b = ${shown(newB)}, and autograd ${shown(rightB)}: your second line already sees the new w. Both slopes belong to the place where the walker stood.`); // prettier-ignore
    return no(`${where} b = ${shown(newB)}, and autograd ${shown(rightB)}.`);
  }
  return {
    ok: true,
    message: "One error, two slopes, and then both numbers move: as autograd and an optimizer do it.",
  };
}
