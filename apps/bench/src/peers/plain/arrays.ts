import type { Open, Runner } from "../../runner.ts";
import * as work from "../../work/arrays.ts";
import { found } from "../../work/rows-found.ts";
import { shuffle } from "./lesson.ts";

const filling = (length: number, fill: (out: Float32Array) => void): Runner => {
  const out = new Float32Array(length);
  return {
    run(steps) {
      for (let k = 0; k < steps; k++) fill(out);
    },
    async check() {
      fill(out);
      return work.sample(out);
    },
  };
};

export async function gelu(): Promise<Runner> {
  const { a, b } = work.gelu;
  const input = work.geluInput();
  return filling(work.million, (out) => {
    for (let i = 0; i < out.length; i++) {
      const x = input[i]!;
      out[i] = (Math.tanh((x * x * a + b) * x) + 1) * x * 0.5;
    }
  });
}

export async function add(): Promise<Runner> {
  const [x, y] = work.addends();
  return filling(work.million, (out) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! + y[i]!;
  });
}

/** Row by row, so that the inner loop reads and writes along rows. */
export const matmul =
  (size: number): Open =>
  async () => {
    const [x, y] = work.factors(size);
    return filling(size * size, (out) => {
      out.fill(0);
      for (let i = 0; i < size; i++) {
        for (let k = 0; k < size; k++) {
          const factor = x[i * size + k]!;
          for (let j = 0; j < size; j++) out[i * size + j]! += factor * y[k * size + j]!;
        }
      }
    });
  };

/** Rows copied into one reused array. */
export async function batch(): Promise<Runner> {
  const { rows, columns, batch: size } = work.gather;
  const data = work.dataset();
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const out = new Float32Array(size * columns);
  let at: number = rows;
  const next = (): Float32Array => {
    if (at + size > rows) {
      shuffle(order);
      at = 0;
    }
    for (let k = 0; k < size; k++, at++) {
      const row = order[at]!;
      out.set(data.subarray(row * columns, (row + 1) * columns), k * columns);
    }
    return out;
  };
  return {
    run(steps) {
      for (let k = 0; k < steps; k++) next();
    },
    check: async () => [found(next(), data)],
  };
}
