import { dearest, type Runner } from "../../runner.ts";
import { chain, chainInput, sample } from "../../work/arrays.ts";
import { batch, sizes } from "../../work/mlp.ts";
import { isOnGpu, tf } from "./backend.ts";
import { mlpLoss } from "./networks.ts";
import { sgd, training } from "./training.ts";

/** From nothing but the imports to a trained step: initial values, batch, step, loss. */
export async function firstStep(): Promise<Runner> {
  const { pixels, classes } = batch(64);
  let loss = NaN;
  return {
    async run() {
      const model = sizes.slice(1).map((outputs, i) => {
        const bound = 1 / Math.sqrt(sizes[i]!);
        const draw = (shape: number[]): ReturnType<typeof tf.variable> =>
          tf.variable(tf.randomUniform(shape, -bound, bound));
        return { weight: draw([sizes[i]!, outputs]), bias: draw([outputs]) };
      });
      [loss = NaN] = await training(sgd(), mlpLoss(model, pixels, classes), 1).check();
    },
    check: async () => [loss],
  };
}

/** On the CPU it is done when it says so; a GPU has to be waited for. */
async function done(result: ReturnType<typeof tf.add>): Promise<void> {
  if (isOnGpu) await result.data();
  result.dispose();
}

/** What its first run of 30 ops costs beside a later one: on the CPU it compiles nothing. */
export async function compile30(): Promise<Runner> {
  const x = tf.tensor1d(chainInput());
  const links = (): ReturnType<typeof tf.add> =>
    tf.tidy(() => {
      let y: ReturnType<typeof tf.add> = x;
      for (let k = 0; k < chain.repeats; k++) y = tf.tanh(tf.mul(y, x));
      return y;
    });
  return dearest(
    () => done(tf.add(x, 1)),
    () => done(links()),
    async () => sample(await links().data()),
  );
}
