import { manualSeed, noGrad, randn, Tensor } from "@downhill/core";
import { functional, Module } from "@downhill/nn";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ train }: { train?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof train !== "function") return no("Export a function called train.");
  const model: unknown = await (train as () => unknown)();
  if (!(model instanceof Module)) return no("train returns the model.");
  manualSeed(0);
  const x = randn([64, 2]);
  const y = x.narrow(1, 0, 1).mul(x.narrow(1, 1, 1));
  const said: unknown = noGrad(() => (model as Module & { forward(x: Tensor): unknown }).forward(x));
  if (!(said instanceof Tensor) || said.shape.join() !== "64,1") return no("The model’s answer has shape [64, 1].");
  const loss = await functional.mseLoss(said, y).item();
  const alike = await y.var(0, { correction: 0 }).item();
  const shown = `After 300 steps the loss is ${Number(loss.toPrecision(3))}`;
  if (loss < 0.01) return { ok: true, message: `${shown}. Adam’s rate is the length of a step, whatever the slope.` };
  if (loss > 0.3 * alike)
    return no(
      `${shown}; who always answers the mean has ${Number(alike.toPrecision(3))}. With Adam each number moves by about its rate at every step. How large are the weights of a layer, and how far does 0.5 carry them?`,
    );
  return no(`${shown}. Better, but 0.01 can be reached. Is the rate still too large, or too small by now?`);
}
