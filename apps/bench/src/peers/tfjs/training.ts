import type { Optimizer, Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { type Runner, trainer } from "../../runner.ts";
import { adam as defaults, momentum, rates } from "../../work/mlp.ts";
import { tf } from "./backend.ts";

export const sgd = (): Optimizer => tf.train.momentum(rates.sgd, momentum);
// Its own epsilon would be 1e-7.
export const adam = (): Optimizer => tf.train.adam(rates.adam, defaults.beta1, defaults.beta2, defaults.eps);

/** `minimize` as its guide writes it; it finds the variables that the loss reads. */
export function training(optimizer: Optimizer, lossOf: () => Tensor, checks?: number, readEvery?: number): Runner {
  let last: Scalar | null = null;
  return trainer(
    () => {
      last?.dispose();
      last = optimizer.minimize(() => lossOf().asScalar(), true);
      return async () => (await last!.data())[0]!;
    },
    checks,
    readEvery,
  );
}

export const variable = (values: Float32Array, shape: number[]): Variable => tf.variable(tf.tensor(values, shape));
