import { linalg, onesLike, stack, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ rate }: { rate?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof rate !== "number" || !(rate > 0)) return no("Export a number called rate, larger than 0.");
  const x = tensor([1, 2, 3, 4], { dtype: "float64" });
  const y = x.mul(2).add(1);
  const inputs = stack([x, onesLike(x)], 1);
  let place = tensor([0, 0], { dtype: "float64" });
  for (let step = 0; step < 500; step++)
    place = place.sub(
      inputs
        .t()
        .matmul(y.sub(inputs.matmul(place)))
        .mul((-2 / 4) * rate),
    );
  const loss = await y.sub(inputs.matmul(place)).square().mean().item();

  const largest = await linalg.eigvalsh(inputs.t().matmul(inputs).mul(2 / 4)).at(-1).item(); // prettier-ignore
  const factor = Number((1 - rate * largest).toPrecision(4));
  if (!(loss < 41)) // what it costs to begin with
    return no(`That is too large: after 500 steps the loss is ${loss.toPrecision(3)}. What is the Hessian, 2 · [[mean of x², mean of x], [mean of x, 1]], and its largest eigenvalue?`); // prettier-ignore
  if (rate < (0.98 * 2) / largest)
    return no(`It settles, but a larger rate still does: along the steep axis a step multiplies by ${factor}. How far may that go?`); // prettier-ignore
  return {
    ok: true,
    message: `A step multiplies the steep distance by ${factor}. λmax is ${largest.toPrecision(4)}, and the edge 2 / λmax = ${(2 / largest).toPrecision(4)}.`,
  };
}
