import type { Tensor } from "@tensorflow/tfjs";
import type { Runner } from "../../runner.ts";
import { batchSize, checkedSteps, count, lossOf, points, rate, start } from "../../work/lesson.ts";
import { shuffle } from "../plain/lesson.ts";
import { tf } from "./backend.ts";

/** `minimize` on one line. */
function lesson(runWith: (step: (x: Tensor, y: Tensor) => void) => (steps: number) => void): Runner {
  const weight = tf.variable(tf.scalar(start.weight));
  const bias = tf.variable(tf.scalar(start.bias));
  const optimizer = tf.train.sgd(rate);
  const run = runWith((x, y) => {
    optimizer.minimize(() => tf.losses.meanSquaredError(y, x.mul(weight).add(bias)).asScalar());
  });
  const settle = async (): Promise<number[]> => [(await weight.data())[0]!, (await bias.data())[0]!];
  return {
    async run(steps) {
      run(steps);
      await settle();
    },
    async check() {
      run(checkedSteps);
      const [w, b] = await settle();
      return [lossOf(w!, b!)];
    },
  };
}

/** One sample per step; the samples are cut out before. */
export async function program2(): Promise<Runner> {
  const { xs, ys } = points();
  const cut = (values: Float32Array): Tensor[] => Array.from(values, (value) => tf.tensor2d([[value]]));
  const [samples, targets] = [cut(xs), cut(ys)];
  return lesson((step) => (steps) => {
    for (let k = 0; k < steps; k++) step(samples[k % count]!, targets[k % count]!);
  });
}

/** The order is shuffled by hand, and a batch is a `gather`: tf.data is slower. */
export async function program3(): Promise<Runner> {
  const { xs, ys } = points();
  const [X, y] = [tf.tensor2d(xs, [count, 1]), tf.tensor2d(ys, [count, 1])];
  const order = Int32Array.from({ length: count }, (_, i) => i);
  return lesson((step) => (steps) => {
    for (let done = 0; done < steps;) {
      shuffle(order);
      for (let at = 0; at < count && done < steps; at += batchSize, done++) {
        tf.tidy(() => {
          const rows = tf.tensor1d(order.slice(at, at + batchSize), "int32");
          step(X.gather(rows), y.gather(rows));
        });
      }
    }
  });
}
