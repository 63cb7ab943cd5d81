import type { Expression } from "../../kernel/expression.js";
import type { LoopKernel, MatmulKernel } from "../../kernel/kernel.js";
import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import { unary } from "../../reference/numbers.js";
import { cutsOf } from "../loops/cuts.js";
import { hostCalls } from "../loops/host-functions.js";
import type { Nest } from "../loops/nest.js";
import { hasVectors } from "../maths/vector-functions.js";
import { panelRows } from "../routines/descriptor.js";

/** How a Kernel's turns (or rows) are cut into ranges for threads. */
export interface Share {
  readonly size: number;
  readonly chunk: number;
}

/** Nanoseconds of work from which on threads share it, and that one range has at least. */
export interface ShareLimits {
  readonly least: number;
  readonly range: number;
}

export const shareLimits: ShareLimits = { least: 80_000, range: 20_000 };

/** Ranges for each thread: several, as threads start late and are not equally fast. */
const rangesPerThread = 4;

/** Cuts `size` turns that take `cost` nanoseconds together, at multiples of `grain`; null where threads do not pay. */
function cut(size: number, grain: number, cost: number, most: number, limits: ShareLimits): Share | null {
  if (cost < limits.least) return null;
  const ranges = Math.min(most, Math.max(Math.floor(cost / limits.range), 2), Math.floor(size / grain));
  if (ranges < 2) return null;
  return { size, chunk: Math.ceil(size / ranges / grain) * grain };
}

/** Whether a worker, which has Math but not the interpreter's functions, can compute an expression. */
function fitsWorkers(expression: Expression): boolean {
  return hostCalls(expression).every((call) => {
    const [kind, name] = call.split(" ") as [string, UnaryName & BinaryName];
    if (kind === "cast") return false;
    const isFloat32 = (expression.kind === "unary" || expression.kind === "binary") && expression.x.dtype === "float32";
    if (isFloat32 && hasVectors(name)) return true;
    return kind === "unary" && unary[name as keyof typeof unary] === (Math as unknown as Record<string, unknown>)[name];
  });
}

/** Estimates a loop Kernel's nanoseconds: a third of one for each expression of four lanes. */
function costOf({ loops, reductions, body, tail }: LoopKernel, { expressions, width }: Nest): number {
  const turns = loops.reduce((product, loop) => product * loop.size, 1);
  const functions = expressions.filter((expression) => hostCalls(expression).length > 0).length;
  const steps = expressions.length + reductions.length + body.length + tail.length + 8 * functions;
  return (turns * steps) / (3 * width);
}

/** Decides how threads share a loop Kernel; null where one does it alone. No result depends on it. */
export function shareLoops(kernel: LoopKernel, nest: Nest, threads: number, limits: ShareLimits): Share | null {
  const cuts = cutsOf(kernel, nest);
  if (cuts === null || !nest.expressions.every(fitsWorkers)) return null;
  return cut(cuts.size, cuts.grain, costOf(kernel, nest), threads * rangesPerThread, limits);
}

/** The same for a matrix product of `rows` rows, all matrices together: each range packs what it reads of B again. */
export function shareMatmul(kernel: MatmulKernel, rows: number, threads: number, limits: ShareLimits): Share | null {
  const products = kernel.loops.reduce((product, size) => product * size, 1);
  const cost = products / (kernel.dtype === "float32" ? 20 : 10);
  const most = rows >= 1024 ? 2 * threads : threads;
  return cut(rows, Math.min(2 * panelRows, Math.ceil(rows / threads)), cost, most, limits);
}
