import { tensor } from "@downhill/core";
import { explainStep, SGD } from "@downhill/optim";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b));
const short = (x: number): number => Number(x.toPrecision(5));

type Step = (w: number, gradient: number, momentum: number) => unknown;

export async function check({ step }: { step?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof step !== "function") return no("Export a function called step.");
  const w = tensor(3, { requiresGrad: true, dtype: "float64" });
  const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
  let yours = { w: 3, momentum: 0 };
  for (let update = 1; update <= 3; update++) {
    optimizer.zeroGrad();
    w.square().backward();
    const { terms } = await explainStep(optimizer, w);
    const valueOf = (name: string): number => terms.find((term) => term.name === name)!.value;
    const given = (step as Step)(yours.w, valueOf("grad"), yours.momentum);
    if (typeof given !== "object" || given === null || !("w" in given) || !("momentum" in given))
      return no("step returns { w, momentum }.");
    yours = given as typeof yours;
    const asked = terms.find(({ name }) => name === "momentumBuffer")!;
    if (!close(yours.momentum, asked.value))
      return no(
        `In update ${update} the optimizer's momentum is ${asked.numbers} = ${short(asked.value)}, and yours ${short(yours.momentum)}. How much of the gradient goes in?`,
      );
    if (!close(yours.w, valueOf("param")))
      return no(
        `In update ${update} the momentum is right, but the weight should be ${short(valueOf("param"))}, and is ${short(yours.w)}.`,
      );
    optimizer.step();
  }
  return {
    ok: true,
    message: "SGD's momentum is a sum that fades, not an average: with 0.9 it grows to ten gradients.",
  };
}
