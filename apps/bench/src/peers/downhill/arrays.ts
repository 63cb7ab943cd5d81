import { compile, type Tensor, tensor } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { DataLoader, TensorDataset } from "@downhill/data";
import type { Open, Runner } from "../../runner.ts";
import * as work from "../../work/arrays.ts";
import { found } from "../../work/rows-found.ts";

/** Computes `fn` of these arguments again and again through `compile`, and leaves the result where it is. */
function repeated<Args extends readonly Tensor[]>(fn: (...args: Args) => Tensor, ...args: Args): Runner {
  const compiled = compile(fn);
  const compute = (): Tensor => {
    const result = compiled(...args);
    flush(result);
    return result;
  };
  return {
    run(steps) {
      for (let k = 0; k < steps; k++) compute().dispose();
    },
    async check() {
      return work.sample(await compute().data());
    },
  };
}

export async function gelu(): Promise<Runner> {
  const { a, b } = work.gelu;
  return repeated((x: Tensor) => x.mul(x).mul(a).add(b).mul(x).tanh().add(1).mul(x).mul(0.5), tensor(work.geluInput()));
}

export async function add(): Promise<Runner> {
  const [x, y] = work.addends().map((array) => tensor(array)) as [Tensor, Tensor];
  return repeated((left: Tensor, right: Tensor) => left.add(right), x, y);
}

export const matmul =
  (size: number): Open =>
  async () => {
    const [x, y] = work.factors(size).map((array) => tensor(array).view(size, size)) as [Tensor, Tensor];
    return repeated((left: Tensor, right: Tensor) => left.matmul(right), x, y);
  };

/** What `for await` over a shuffled loader does for each batch. */
export async function batch(): Promise<Runner> {
  const { rows, columns, batch: batchSize } = work.gather;
  const data = work.dataset();
  const loader = new DataLoader(new TensorDataset(tensor(data).view(rows, columns)), { batchSize, shuffle: true });
  let pass = loader[Symbol.asyncIterator]();
  const next = async (): Promise<Tensor> => {
    let turn = await pass.next();
    if (turn.done === true) turn = await (pass = loader[Symbol.asyncIterator]()).next();
    const [X] = turn.value as [Tensor];
    flush(X); // a batch is a recorded gather until something needs it
    return X;
  };
  return {
    async run(steps) {
      for (let k = 0; k < steps; k++) await next();
    },
    async check() {
      return [found((await (await next()).data()) as Float32Array, data)];
    },
  };
}
