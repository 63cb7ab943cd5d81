import {
  type LoopKernel,
  type MatmulKernel,
  partsOf,
  type Expression,
  placesRead,
  type Schedule,
  type Source,
  type Work,
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
import type { Layout } from "./layout.js";
import { writeRecurrence } from "./recurrence.js";

/** The shaders of a Program, in the order they run. */
export interface Dispatches {
  readonly list: readonly Dispatch[];
  /** What each is asked for: of a Kernel in several dispatches, the first. */
  readonly work: readonly (Work | null)[];
  readonly scratchBytes: number;
}

/** What a recurrence repeats: a Program's shaders, and where everything is that they work on. */
export interface BodyPlan {
  readonly schedule: Schedule;
  readonly dispatches: Dispatches;
  readonly layout: Layout;
}

/** Writes a Program's shaders. Pure: it needs no device. `bodies` are what its recurrences repeat, by their Nodes. */
export function writeDispatches(
  schedule: Schedule,
  source: Source,
  around: Surroundings,
  bodies: ReadonlyMap<number, BodyPlan>,
): Dispatches {
  const { program, kernels, copied } = schedule;
  const { nodes } = program;
  const list: Dispatch[] = [];
  const works: (Work | null)[] = [];
  let scratchBytes = 0;
  const tails = tailsOf(schedule, source);
  const wordsOf = (value: number): number => {
    const { shape, dtype } = nodes[value]!;
    return Math.ceil((sizeOf(shape) * itemSize[dtype]) / 4);
  };
  const add = (dispatches: readonly Dispatch[], work: Work | null): void => {
    dispatches.forEach((dispatch, i) => {
      list.push(dispatch);
      works.push(i === 0 ? work : null);
    });
  };
  kernels.forEach((kernel, index) => {
    switch (kernel.kind) {
      case "loop": {
        if (tails.has(index)) break;
        const work = workOfLoops(kernel, nodes);
        const label = `${work.ops.join(" ")} [${kernel.loops.map((loop) => loop.size).join(", ")}]`;
        for (const value of kernel.zeroed) add([writeZeros(value, wordsOf(value), `zeros for ${label}`)], null);
        if (kernel.reductions.length === 0) add(writeElementwise(kernel, around, label), work);
        else {
          const written = writeReduction(kernel, around, label);
          scratchBytes = Math.max(scratchBytes, written.scratchBytes);
          add(written.dispatches, work);
        }
        break;
      }
      case "matmul": {
        const tail = tails.get(index + 1) ?? null;
        const work = together(
          workOfMatmul(kernel, nodes),
          tail === null ? null : workOfLoops(tail.kernel, nodes),
          tail?.needsProduct === false ? kernel.out : -1,
        );
        const label = `${work.ops.join(" ")} [${kernel.loops.join(", ")}]`;
        const ending = { tail: tail?.kernel ?? null, isStored: tail?.needsProduct ?? true };
        const written = writeMatmul(kernel, around, label, ending);
        scratchBytes = Math.max(scratchBytes, written.scratchBytes);
        add(written.dispatches, work);
        break;
      }
      case "node": {
        const srcs = placesRead(kernel, source).map(({ value }) => value);
        const work = workOfNode(kernel.node, srcs, nodes);
        const body = bodies.get(kernel.node);
        if (body !== undefined) {
          const { layout } = body;
          scratchBytes = Math.max(scratchBytes, layout.arenaBytes);
          add(writeRecurrence(kernel.node, srcs, nodes, body), work);
          break;
        }
        const label = `${work.ops.join(" ")} [${nodes[kernel.node]!.shape.join(", ")}]`;
        const written = writeNode(kernel, srcs, nodes, label);
        scratchBytes = Math.max(scratchBytes, written.scratchBytes);
        add(written.dispatches, work);
        break;
      }
    }
  });
  for (const [from, to] of copied)
    add(wordsOf(from) === 0 ? [] : [writeUpdate(from, to, wordsOf(from), "update")], null);
  return { list, work: works, scratchBytes };
}

/** The work of a product and its tail in one shader; `kept` is a product that only the tail reads, and never in memory. */
function together(product: Work, tail: Work | null, kept: number): Work {
  if (tail === null) return product;
  const joined = (a: Work["reads"], b: Work["reads"]): Map<number, number> =>
    new Map([...a, ...b].filter(([value]) => value !== kept));
  return {
    ops: [...product.ops, ...tail.ops],
    operations: product.operations + tail.operations,
    reads: joined(product.reads, tail.reads),
    writes: joined(product.writes, tail.writes),
  };
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
  // What is narrower than a word is written with its neighbours by the nest itself.
  const stores = [...tail.body, ...tail.tail];
  if (stores.some(({ place }) => itemSize[source.nodes[place.value]!.dtype] < 4)) return false;
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
