import { jit, numpy as np } from "@jax-js/jax";
import type { Open, Runner } from "../../runner.ts";
import * as work from "../../work/arrays.ts";
import { found } from "../../work/rows-found.ts";
import { shuffle } from "../plain/lesson.ts";
import { array, read } from "./training.ts";

/** Computes a jitted function again and again; the result stays where it is until the next one. */
function repeated(fn: (...args: np.Array[]) => np.Array, ...args: np.Array[]): Runner {
  const compiled = jit(fn);
  const compute = async (): Promise<np.Array> => compiled(...args.map((arg) => arg.ref)).blockUntilReady();
  return {
    async run(steps) {
      for (let k = 0; k < steps; k++) (await compute()).dispose();
    },
    check: async () => work.sample(await read(await compute())),
  };
}

const vector = (values: Float32Array<ArrayBuffer>): np.Array => array(values, [values.length]);

export async function gelu(): Promise<Runner> {
  const { a, b } = work.gelu;
  const fn = (x: np.Array): np.Array => {
    const inner = x.ref.mul(x.ref).mul(a).add(b).mul(x.ref);
    return np.tanh(inner).add(1).mul(x).mul(0.5);
  };
  return repeated((x) => fn(x), vector(work.geluInput()));
}

export async function add(): Promise<Runner> {
  const [x, y] = work.addends().map(vector);
  return repeated((left, right) => left.add(right), x!, y!);
}

export const matmul =
  (size: number): Open =>
  async () => {
    const [x, y] = work.factors(size).map((values) => array(values, [size, size]));
    return repeated((left, right) => np.matmul(left, right), x!, y!);
  };

/** It has no loader: the order is shuffled by hand, and a batch is a `take` in `jit`. */
export async function batch(): Promise<Runner> {
  const { rows, columns, batch: size } = work.gather;
  const data = work.dataset();
  const X = array(data, [rows, columns]);
  const take = jit((X: np.Array, indices: np.Array) => np.take(X, indices, 0));
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let at: number = rows;
  const next = async (): Promise<np.Array> => {
    if (at + size > rows) {
      shuffle(order);
      at = 0;
    }
    const indices = array(order.slice(at, at + size), [size]);
    at += size;
    return take(X.ref, indices).blockUntilReady();
  };
  return {
    async run(steps) {
      for (let k = 0; k < steps; k++) (await next()).dispose();
    },
    check: async () => [found(await read(await next()), data)],
  };
}
