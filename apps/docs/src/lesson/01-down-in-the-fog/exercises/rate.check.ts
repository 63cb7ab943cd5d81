import { grad, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ rate }: { rate?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof rate !== "number" || !(rate > 0)) return no("Export a number called rate, larger than 0.");
  let place = tensor([1, 1], { dtype: "float64" });
  for (let step = 0; step < 500; step++) {
    place.requiresGrad_();
    const height = place
      .square()
      .mul(tensor([2, 20], { dtype: "float64" }))
      .sum();
    place = place.detach().sub(grad(height, [place])[0]!.mul(rate));
  }
  const [, y] = (await place.tolist()) as [number, number];
  const factor = `Each step multiplies y by 1 - 40 · ${rate} = ${Number((1 - 40 * rate).toPrecision(4))}`;
  if (!(Math.abs(y) < 1)) return no(`That is too large: ${factor}, and the walk ends at y = ${y.toPrecision(3)}.`);
  if (rate < 0.049) return no(`It arrives, but a larger rate still does. ${factor}: how far may that factor go?`);
  return {
    ok: true,
    message: `${factor}: it changes sides all the way, and still comes closer. The edge is 2 / 40 = 0.05.`,
  };
}
