import { sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import type { Draws } from "./draws.js";
import { cat } from "../ops/joining.js";
import { where } from "../ops/where.js";

/** One op of a random graph, as numbers: which op, which two of the values so far, and a detail such as a dim. */
export type Step = readonly [op: number, first: number, second: number, detail: number];

/** The largest tensor that a random graph makes. */
const most = 96;

/** `y` where it broadcasts to the shape of `x`, else its mean. */
function fitted(x: Tensor, y: Tensor): Tensor {
  const lead = x.ndim - y.ndim;
  return lead >= 0 && y.shape.every((size, i) => size === 1 || size === x.shape[lead + i]) ? y : y.mean();
}

const grows = (x: Tensor, times: number): boolean => sizeOf(x.shape) * times > most;
const dimOf = (x: Tensor, detail: number): number => detail % Math.max(x.ndim, 1);

/** Smooth ops that keep values near [-2, 2]; every shape is taken, every result has at least one element. */
const table: readonly ((x: Tensor, y: Tensor, detail: number) => Tensor)[] = [
  (x, y) => x.add(fitted(x, y)).mul(0.5),
  (x, y) => fitted(x, y).sub(x).mul(0.7),
  (x, y) => x.mul(fitted(x, y)).tanh(),
  (x, y) => x.div(fitted(x, y).mul(fitted(x, y)).add(1)),
  (x) => x.sin(),
  (x) => x.tanh().exp().sub(1),
  (x) => x.neg(),
  (x) => x.reshape(-1),
  (x) => (x.ndim < 2 ? x.unsqueeze(0) : x.transpose(0, -1)),
  (x, _, detail) => {
    const dim = dimOf(x, detail);
    const size = x.shape[dim] ?? 1;
    return size < 2 ? x.cos() : x.narrow(dim, detail % 2, size - 1);
  },
  (x, _, detail) => (x.ndim === 0 ? x.unsqueeze(0) : x.flip(dimOf(x, detail))),
  (x) => (grows(x, 2) ? x.mean(0) : x.unsqueeze(0).expand(2, ...x.shape)),
  (x, _, detail) => x.mean(x.ndim === 0 ? [] : dimOf(x, detail), { keepdim: detail % 2 === 0 }),
  (x) => x.sum().tanh(),
  (x) => x.squeeze(),
  (x, _, detail) => (x.ndim === 0 || grows(x, 2) ? x.sin() : cat([x, x.mul(0.5)], dimOf(x, detail))),
  (x) => {
    if (x.ndim !== 2) return x.cos();
    const [rows, columns] = x.shape as [number, number];
    return rows * rows > most ? x.mean(0) : x.matmul(x.transpose(0, 1)).mul(1 / columns);
  },
  (x, y) => where(fitted(x, y).gt(0.1), x, x.mul(-0.5)),
];

/** Applies the steps one after the other, each to earlier values, and returns all values: the inputs first. */
export function runSteps(steps: readonly Step[], inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs];
  for (const [op, first, second, detail] of steps) {
    const x = values[first % values.length]!;
    const y = values[second % values.length]!;
    values.push(table[op % table.length]!(x, y, detail));
  }
  return values;
}

/** Draws the steps of a graph. */
export function drawSteps(count: number, draws: Draws): Step[] {
  return Array.from({ length: count }, () => [
    draws.below(table.length),
    draws.below(1000),
    draws.below(1000),
    draws.below(12),
  ]);
}
