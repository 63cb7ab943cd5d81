import type { Tensor } from "@tensorflow/tfjs";
import type { Open, Runner } from "../../runner.ts";
import * as work from "../../work/arrays.ts";
import { found } from "../../work/rows-found.ts";
import { shuffle } from "../plain/lesson.ts";
import { submit, tf } from "./backend.ts";

/** Computes the same again and again; the result stays where it is until the next one. */
const repeated = (fn: () => Tensor): Runner => ({
  run(steps) {
    for (let k = 0; k < steps; k++) tf.tidy(fn).dispose();
    submit();
  },
  check: async () => work.sample(await tf.tidy(fn).data()),
});

export async function gelu(): Promise<Runner> {
  const { a, b } = work.gelu;
  const x = tf.tensor1d(work.geluInput());
  return repeated(() => x.mul(x).mul(a).add(b).mul(x).tanh().add(1).mul(x).mul(0.5));
}

export async function add(): Promise<Runner> {
  const [x, y] = work.addends().map((values) => tf.tensor1d(values));
  return repeated(() => x!.add(y!));
}

export const matmul =
  (size: number): Open =>
  async () => {
    const [x, y] = work.factors(size).map((values) => tf.tensor2d(values, [size, size]));
    return repeated(() => tf.matMul(x!, y!));
  };

/** The order is shuffled by hand, and a batch is a `gather`: tf.data is slower. */
export async function batch(): Promise<Runner> {
  const { rows, columns, batch: size } = work.gather;
  const data = work.dataset();
  const X = tf.tensor2d(data, [rows, columns]);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let at: number = rows;
  const next = (): Tensor => {
    if (at + size > rows) {
      shuffle(order);
      at = 0;
    }
    const indices = order.slice(at, at + size);
    at += size;
    return tf.tidy(() => X.gather(tf.tensor1d(indices, "int32")));
  };
  return {
    run(steps) {
      for (let k = 0; k < steps; k++) next().dispose();
      submit();
    },
    check: async () => [found((await next().data()) as Float32Array, data)],
  };
}
