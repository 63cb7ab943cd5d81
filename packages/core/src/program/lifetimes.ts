import type { Source } from "../kernel/expression-builder.js";
import type { Kernel } from "../kernel/kernel.js";
import { placesRead } from "./schedule.js";

/** By value: the first Kernel that writes it, and the last that writes or reads it. */
export interface Lifetimes {
  readonly first: ReadonlyMap<number, number>;
  readonly last: ReadonlyMap<number, number>;
}

/** The values that a Kernel writes to memory. */
export function writtenBy(kernel: Kernel): number[] {
  if (kernel.kind === "loop") return [...kernel.body, ...kernel.tail].map((store) => store.place.value);
  return [kernel.kind === "matmul" ? kernel.out : kernel.node];
}

/** Finds out when each value of a Program is in memory, in numbers of its Kernels. */
export function lifetimesOf(kernels: readonly Kernel[], source: Source): Lifetimes {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  kernels.forEach((kernel, index) => {
    for (const node of writtenBy(kernel)) {
      if (!first.has(node)) first.set(node, index);
      last.set(node, index);
    }
    // A product and its tail take turns, or run in one shader: what the product reads must outlive what the tail writes.
    const next = kernels[index + 1];
    const until = kernel.kind === "matmul" && next?.kind === "loop" && next.isTail ? index + 1 : index;
    for (const { value } of placesRead(kernel, source)) last.set(value, until);
  });
  return { first, last };
}
