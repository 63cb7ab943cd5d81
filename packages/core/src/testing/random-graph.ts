import { cat } from "../ops/joining.js";
import { where } from "../ops/where.js";
import { sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import type { Draws } from "./draws.js";

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

/** An op of a random graph; it takes every shape, and gives at least one element. */
type GraphOp = (x: Tensor, y: Tensor, detail: number) => Tensor;

/** Ops that keep values near [-2, 2] and have a gradient wherever a random point falls. */
const smooth: readonly GraphOp[] = [
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

/** Ops with kinks, jumps, ties and integers on the way. */
const rough: readonly GraphOp[] = [
  (x, y) => x.maximum(fitted(x, y)),
  (x) => x.abs(),
  (x) => x.relu().sub(0.5),
  (x) => x.mul(3).floor().div(3),
  (x) => x.round().to("int32").add(1).to(x.dtype),
  (x, y) => x.lt(fitted(x, y)).to(x.dtype),
  (x, _, detail) => (x.ndim === 0 ? x.clone() : x.amax(dimOf(x, detail), { keepdim: true })),
  (x, _, detail) => (x.ndim === 0 ? x.neg() : x.cumsum(dimOf(x, detail)).mul(0.25)),
  (x, _, detail) => (x.ndim === 0 ? x.cos() : x.sort(dimOf(x, detail))[0]),
  (x, _, detail) => (x.ndim === 0 ? x.sin() : x.gather(dimOf(x, detail), x.argsort(dimOf(x, detail)))),
  (x) => x.detach(),
];

/**
 * Applies the steps one after the other, each to earlier values, and returns all values: the inputs first. All ops are
 * smooth unless `roughly`, which adds those with kinks and jumps.
 */
export function runSteps(steps: readonly Step[], inputs: readonly Tensor[], roughly = false): Tensor[] {
  const ops = roughly ? [...smooth, ...rough] : smooth;
  const values = [...inputs];
  for (const [op, first, second, detail] of steps) {
    const x = values[first % values.length]!;
    const y = values[second % values.length]!;
    values.push(ops[op % ops.length]!(x, y, detail));
  }
  return values;
}

/** Draws the steps of a graph. */
export function drawSteps(count: number, draws: Draws): Step[] {
  return Array.from({ length: count }, () => [
    draws.below(1000),
    draws.below(1000),
    draws.below(1000),
    draws.below(12),
  ]);
}
