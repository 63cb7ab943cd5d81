import { placesRead, type Schedule, type Source, workOfLoops, workOfMatmul, workOfNode } from "@downhill/core/compiler";
import { itemSize, sizeOf } from "@downhill/core/engine";
import { writeCopy, writeZeros } from "../kernels/copy-kernel.js";
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
        const { ops } = workOfMatmul(kernel, nodes);
        add(index, writeMatmul(kernel, around, `${ops.join(" ")} [${kernel.loops.join(", ")}]`));
        break;
      }
      case "node": {
        const srcs = placesRead(kernel, source).map(({ value }) => value);
        const { ops } = workOfNode(kernel.node, srcs, nodes);
        const written = writeNode(
          kernel,
          srcs,
          nodes,
          around,
          `${ops.join(" ")} [${nodes[kernel.node]!.shape.join(", ")}]`,
        );
        scratchBytes = Math.max(scratchBytes, written.scratchBytes);
        add(index, written.dispatches);
        break;
      }
    }
  });
  for (const [from, to] of copied)
    add(kernels.length, wordsOf(from) === 0 ? [] : [writeCopy(from, to, wordsOf(from), "update")]);
  return { list, kernels: numbers, scratchBytes };
}
