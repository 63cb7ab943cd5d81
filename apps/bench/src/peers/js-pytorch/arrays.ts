import { torch } from "js-pytorch";
import type { Open, Runner } from "../../runner.ts";
import * as work from "../../work/arrays.ts";
import { nested } from "./training.ts";

type Tensor = InstanceType<typeof torch.Tensor>;

const repeated = (fn: () => Tensor): Runner => ({
  run(steps) {
    for (let k = 0; k < steps; k++) fn();
  },
  check: async () => work.sample(fn().data.flat() as number[]),
});

export async function add(): Promise<Runner> {
  const [x, y] = work.addends().map((values) => torch.tensor([...values]));
  return repeated(() => torch.add(x!, y!));
}

export const matmul =
  (size: number): Open =>
  async () => {
    const [x, y] = work.factors(size).map((values) => torch.tensor(nested(values, size)));
    return repeated(() => torch.matmul(x!, y!));
  };
