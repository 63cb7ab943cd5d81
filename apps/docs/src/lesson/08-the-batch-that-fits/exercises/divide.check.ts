import { manualSeed, randn, type Tensor } from "@downhill/core";
import { functional, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optim";

type Step = (model: Linear, optimizer: SGD, x: Tensor, y: Tensor, parts: number) => unknown;
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const whole: Step = (model, optimizer, x, y) => {
  optimizer.zeroGrad();
  functional.mseLoss(model.forward(x), y).backward();
  optimizer.step();
};

/** How far the weights went in two steps. */
async function way(step: Step, parts: number): Promise<number[]> {
  manualSeed(0);
  const model = new Linear(4, 1);
  const before = (await model.weight.flatten().tolist()) as number[];
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  for (let i = 0; i < 2; i++) await step(model, optimizer, randn([48, 4]), randn([48, 1]), parts);
  return ((await model.weight.flatten().tolist()) as number[]).map((value, i) => value - before[i]!);
}

export async function check({ step }: { step?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof step !== "function") return no("Export a function called step.");
  for (const parts of [1, 4, 6]) {
    const [yours, right] = [await way(step as Step, parts), await way(whole, parts)];
    const length = (list: number[]): number => Math.hypot(...list);
    const off = length(yours.map((value, i) => value - right[i]!));
    if (off < 1e-5 * length(right)) continue;
    const times = length(yours) / length(right);
    const shown = `In ${parts} parts the weights move ${Number(times.toPrecision(2))} times as far as with the whole batch.`;
    if (times === 0) return no("The weights do not move.");
    if (times > 1.5) return no(`${shown} backward() adds to .grad: what is the sum of ${parts} averages?`);
    if (times < 0.67) return no(`${shown} Does the gradient of every part still stand there when step() comes?`);
    return no(`${shown} And elsewhere: is every sample in exactly one part?`);
  }
  return {
    ok: true,
    message: "The average of the parts’ averages is the average of all, where parts are equally large.",
  };
}
