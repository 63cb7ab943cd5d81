import { cat, manualSeed, ones, randn, type Tensor, zeros } from "@downhill/core";
import { Linear } from "@downhill/nn";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ train }: { train?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof train !== "function") return no("Export a function called train.");
  manualSeed(1);
  const X = cat([randn([100, 2]).sub(0.7), randn([100, 2]).add(0.7)], 0);
  const y = cat([zeros([100, 1]), ones([100, 1])], 0);
  const model: unknown = await (train as (X: Tensor, y: Tensor) => unknown)(X, y);
  if (!(model instanceof Linear)) return no("train returns its model.");
  const says = model.forward(X).detach().gt(0).to("float32");
  const ofOnes = await says.narrow(0, 100, 100).sum().item();
  const ofZeros = 100 - (await says.narrow(0, 0, 100).sum().item());
  const right = `It is right about ${ofZeros} of the 100 zeros, and ${ofOnes} of the 100 ones.`;
  if (ofZeros > 72 && ofOnes > 72) return { ok: true, message: `${right} Every batch now has some of both.` };
  if (ofZeros + ofOnes < 130) return no(`${right} That is like guessing: does each point still have its own label?`);
  return no(`${right} What was in the last batches that it saw?`);
}
