import { jit, numpy as np, valueAndGrad } from "@jax-js/jax";
import type { Runner } from "../../runner.ts";
import { batchSize, checkedSteps, count, lossOf, points, rate, start } from "../../work/lesson.ts";
import { shuffle } from "../plain/lesson.ts";
import { array, read } from "./training.ts";

/** The training step in one `jit`, and the line that it trains. */
function lesson(runWith: (step: (x: np.Array, y: np.Array) => void) => (steps: number) => Promise<void>): Runner {
  let weight = np.array(start.weight);
  let bias = np.array(start.bias);
  const train = jit((weight: np.Array, bias: np.Array, x: np.Array, y: np.Array) => {
    const loss = (weight: np.Array, bias: np.Array): np.Array => np.mean(np.square(x.mul(weight).add(bias).sub(y)));
    const [value, [weightGrad, biasGrad]] = valueAndGrad(loss, { argnums: [0, 1] })(weight.ref, bias.ref);
    return [weight.sub(weightGrad.mul(rate)), bias.sub(biasGrad.mul(rate)), value];
  });
  const run = runWith((x, y) => {
    const [newWeight, newBias, loss] = train(weight, bias, x, y);
    weight = newWeight!;
    bias = newBias!;
    loss!.dispose();
  });
  const settle = async (): Promise<number[]> => [(await read(weight))[0]!, (await read(bias))[0]!];
  return {
    async run(steps) {
      await run(steps);
      await settle();
    },
    async check() {
      await run(checkedSteps);
      const [w, b] = await settle();
      return [lossOf(w!, b!)];
    },
  };
}

/** One sample per step; the samples are cut out before. */
export async function program2(): Promise<Runner> {
  const { xs, ys } = points();
  const cut = (values: Float32Array): np.Array[] => Array.from(values, (value) => np.array([[value]]));
  const [samples, targets] = [cut(xs), cut(ys)];
  return lesson((step) => async (steps) => {
    for (let k = 0; k < steps; k++) step(samples[k % count]!.ref, targets[k % count]!.ref);
  });
}

/** It has no loader: the order is shuffled by hand, and a batch is a `take`. */
export async function program3(): Promise<Runner> {
  const { xs, ys } = points();
  const [X, y] = [array(xs, [count, 1]), array(ys, [count, 1])];
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const take = jit((X: np.Array, y: np.Array, rows: np.Array) => [np.take(X, rows.ref, 0), np.take(y, rows, 0)]);
  return lesson((step) => async (steps) => {
    for (let done = 0; done < steps;) {
      shuffle(order);
      for (let at = 0; at < count && done < steps; at += batchSize, done++) {
        const [batchX, batchY] = take(X.ref, y.ref, array(order.slice(at, at + batchSize), [batchSize]));
        step(batchX!, batchY!);
      }
    }
  });
}
