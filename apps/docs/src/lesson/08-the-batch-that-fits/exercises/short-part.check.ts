import { manualSeed, randn, type Tensor } from "@downhill/core";
import { functional, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optim";

type Step = (model: Linear, optimizer: SGD, x: Tensor, y: Tensor, size: number) => unknown;
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

async function weightsAfter(step: Step, count: number, size: number): Promise<number[]> {
  manualSeed(0);
  const model = new Linear(4, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  await step(model, optimizer, randn([count, 4]), randn([count, 1]), size);
  return (await model.weight.flatten().tolist()) as number[];
}

export async function check({ step }: { step?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof step !== "function") return no("Export a function called step.");
  const whole: Step = (model, optimizer, x, y) => {
    optimizer.zeroGrad();
    functional.mseLoss(model.forward(x), y).backward();
    optimizer.step();
  };
  for (const [count, size] of [
    [64, 16],
    [70, 16],
    [65, 64],
  ] as const) {
    const [yours, right] = [await weightsAfter(step as Step, count, size), await weightsAfter(whole, count, size)];
    if (yours.every((value, i) => Math.abs(value - right[i]!) < 1e-5)) continue;
    const last = count % size;
    if (last === 0) return no(`${count} samples in parts of ${size} lead elsewhere than the whole batch.`);
    return no(
      `${count} samples in parts of ${size}: the last part has ${last}. In the whole batch each sample counts 1 / ${count}. How much does one of the last part count here?`,
    );
  }
  return { ok: true, message: "Each part counts as many times as it has samples: length / count." };
}
