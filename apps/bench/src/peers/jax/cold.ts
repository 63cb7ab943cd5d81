import { jit, nn, numpy as np, random } from "@jax-js/jax";
import { dearest, type Runner } from "../../runner.ts";
import { chain, chainInput, sample } from "../../work/arrays.ts";
import { batch, sizes } from "../../work/mlp.ts";
import { mlpLoss } from "./networks.ts";
import { array, read, sgd, training } from "./training.ts";

/** From nothing but the imports to a trained step: initial values, batch, step, loss. */
export async function firstStep(): Promise<Runner> {
  const { pixels, classes } = batch(64);
  let loss = NaN;
  return {
    async run() {
      const bounds = sizes.slice(1).map((outputs, i) => ({ inputs: sizes[i]!, outputs }));
      const params = bounds.flatMap(({ inputs, outputs }, i) => {
        const range = { minval: -1 / Math.sqrt(inputs), maxval: 1 / Math.sqrt(inputs) };
        const draw = (shape: number[], key: number): np.Array => random.uniform(random.key(key), shape, range);
        return [draw([inputs, outputs], 2 * i), draw([outputs], 2 * i + 1)];
      });
      const y = nn.oneHot(array(classes, [64]), 10);
      [loss = NaN] = await training(params, sgd, array(pixels, [64, 784]), y, mlpLoss, 1).check();
    },
    check: async () => [loss],
  };
}

/** What `jit` costs for a new function of 30 ops beside running it. */
export async function compile30(): Promise<Runner> {
  const x = array(chainInput(), [chain.length]);
  const links = jit((x: np.Array): np.Array => {
    let y = x.ref;
    for (let k = 0; k < chain.repeats; k++) y = np.tanh(y.mul(x.ref));
    x.dispose();
    return y;
  });
  const another = jit((x: np.Array): np.Array => x.add(1));
  return dearest(
    async () => (await another(x.ref).blockUntilReady()).dispose(),
    async () => (await links(x.ref).blockUntilReady()).dispose(),
    async () => sample(await read(links(x.ref))),
  );
}
