import {
  type LoopKernel,
  type MatmulKernel,
  partsOf,
  type Expression,
  placesRead,
  type Schedule,
  type Source,
  workOfLoops,
  workOfMatmul,
  workOfNode,
} from "@downhill/core/compiler";
import { itemSize, sizeOf } from "@downhill/core/engine";
import { writeUpdate, writeZeros } from "../kernels/copy-kernel.js";
import type { Dispatch } from "../kernels/dispatch.js";
import { writeElementwise } from "../kernels/loop-kernel.js";
import { writeMatmul } from "../kernels/matmul-kernel.js";
import { writeNode } from "../kernels/node-kernel.js";
import { writeReduction } from "../kernels/reduction-kernel.js";
import type { Surroundings } from "../kernels/surroundings.js";

/** The shaders of a Program, in the order they run. */
export interface Dispatches {
  readonly list: readonly Dispatch[];
  /** Which Kernel each belongs to; those after the last one copy updates into place. */
  readonly kernels: readonly number[];
  readonly scratchBytes: number;
}

/** Writes a Program's shaders. Pure: it needs no device. */
export function writeDispatches(schedule: Schedule, source: Source, around: Surroundings): Dispatches {
  const { program, kernels, copied } = schedule;
  const { nodes } = program;
  const list: Dispatch[] = [];
  const numbers: number[] = [];
  let scratchBytes = 0;
  const tails = tailsOf(schedule, source);
  const wordsOf = (value: number): number => {
    const { shape, dtype } = nodes[value]!;
    return Math.ceil((sizeOf(shape) * itemSize[dtype]) / 4);
  };
  const add = (kernel: number, dispatches: readonly Dispatch[]): void => {
    for (const dispatch of dispatches) {
      list.push(dispatch);
      numbers.push(kernel);
    }
  };
  kernels.forEach((kernel, index) => {
    switch (kernel.kind) {
      case "loop": {
        if (tails.has(index)) break;
        const { ops } = workOfLoops(kernel, nodes);
        const label = `${ops.join(" ")} [${kernel.loops.map((loop) => loop.size).join(", ")}]`;
        for (const value of kernel.zeroed) add(index, [writeZeros(value, wordsOf(value), `zeros for ${label}`)]);
        if (kernel.reductions.length === 0) add(index, writeElementwise(kernel, around, label));
        else {
          const written = writeReduction(kernel, around, label);
          scratchBytes = Math.max(scratchBytes, written.scratchBytes);
          add(index, written.dispatches);
        }
        break;
      }
      case "matmul": {
        const tail = tails.get(index + 1) ?? null;
        const ops = [...workOfMatmul(kernel, nodes).ops, ...(tail === null ? [] : workOfLoops(tail.kernel, nodes).ops)];
        const label = `${ops.join(" ")} [${kernel.loops.join(", ")}]`;
        const ending = { tail: tail?.kernel ?? null, isStored: tail?.needsProduct ?? true };
        const written = writeMatmul(kernel, around, label, ending);
        scratchBytes = Math.max(scratchBytes, written.scratchBytes);
        add(index, written.dispatches);
        break;
      }
      case "node": {
        const srcs = placesRead(kernel, source).map(({ value }) => value);
        const { ops } = workOfNode(kernel.node, srcs, nodes);
        const label = `${ops.join(" ")} [${nodes[kernel.node]!.shape.join(", ")}]`;
        const written = writeNode(kernel, srcs, nodes, label);
        scratchBytes = Math.max(scratchBytes, written.scratchBytes);
        add(index, written.dispatches);
        break;
      }
    }
  });
  for (const [from, to] of copied)
    add(kernels.length, wordsOf(from) === 0 ? [] : [writeUpdate(from, to, wordsOf(from), "update")]);
  return { list, kernels: numbers, scratchBytes };
}

/** A nest that runs in the shader of the product before it. */
interface Tail {
  readonly kernel: LoopKernel;
  /** Whether others read the product as well. */
  readonly needsProduct: boolean;
}

/** Tails of more steps are Kernels of their own: their text would be repeated for each element of a thread. */
const longestTail = 24;

/** The nests that run in the shader of the product before them, by their number. */
function tailsOf({ kernels, program, inPlace }: Schedule, source: Source): Map<number, Tail> {
  const tails = new Map<number, Tail>();
  kernels.forEach((kernel, index) => {
    const product = kernels[index - 1];
    if (kernel.kind !== "loop" || !kernel.isTail || product?.kind !== "matmul") return;
    if (!fits(kernel, product, source, inPlace)) return;
    const isRead = (other: (typeof kernels)[number]): boolean =>
      placesRead(other, source).some(({ value }) => value === product.out);
    const needsProduct =
      program.outputs.some(({ node }) => node === product.out) ||
      kernels.some((other, i) => i !== index && isRead(other));
    tails.set(index, { kernel, needsProduct });
  });
  return tails;
}

function fits(tail: LoopKernel, { a, b, dtype }: MatmulKernel, source: Source, inPlace: Schedule["inPlace"]): boolean {
  if (dtype !== "float32" && dtype !== "int32") return false;
  // Bytes are written four at a time by the nest itself.
  const stores = [...tail.body, ...tail.tail];
  if (stores.some(({ place }) => itemSize[source.nodes[place.value]!.dtype] === 1)) return false;
  // Other workgroups still read the operands.
  const overwritten = stores.map(({ place }) => inPlace.get(place.value));
  if (overwritten.includes(a.value) || overwritten.includes(b.value)) return false;
  const met = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (met.has(expression)) return;
    met.add(expression);
    partsOf(expression).forEach(visit);
  };
  stores.forEach(({ value }) => visit(value));
  return met.size <= longestTail;
}
