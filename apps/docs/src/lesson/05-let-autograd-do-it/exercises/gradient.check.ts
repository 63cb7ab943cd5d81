import { grad, tensor } from "@downhill/core";

const places = [[1, 2, 3], [-0.5, 1, 2], [2, -3, 0.5]] as const; // prettier-ignore
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b));

export async function check({ gradient }: { gradient?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof gradient !== "function") return no("Export a function called gradient.");
  for (const [w, b, x] of places) {
    const given = (gradient as (w: number, b: number, x: number) => unknown)(w, b, x);
    if (!Array.isArray(given) || given.length !== 2) return no("gradient returns a list of two numbers: for w, for b.");

    const [tw, tb] = [w, b].map((value) => tensor(value, { requiresGrad: true, dtype: "float64" }));
    const loss = tw!.mul(x).add(tb!).square().mul(tw!);
    const [alongW, alongB] = await Promise.all(grad(loss, [tw!, tb!]).map((slope) => slope.item()));
    const [byW, byB] = given as [number, number];
    const at = `At w = ${w}, b = ${b}, x = ${x}`;
    if (!close(byB, alongB!))
      return no(
        `${at} autograd finds ${alongB!} for b, and you ${byB}. What is the square multiplied by on its way to L?`,
      );
    if (!close(byW, alongW!))
      return no(
        `${at} autograd finds ${alongW!} for w, and you ${byW}. w goes in at two places: the gradients of both add up.`,
      );
  }
  return { ok: true, message: "A value that is used twice gets the sum of what comes back from both uses." };
}
