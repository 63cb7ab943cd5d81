import type { LoopKernel } from "../../kernel/kernel.js";
import type { Nest } from "./nest.js";

/** How a nest may be cut into ranges that are computed apart, in any order or at once. */
export interface Cuts {
  /** Turns of the outermost loop. */
  readonly size: number;
  /** Ranges begin at multiples of this, so that each element goes through the same vectors wherever the cuts are. */
  readonly grain: number;
}

/** Finds where a nest may be cut; null where it cannot be. No reduction is ever cut. */
export function cutsOf(kernel: LoopKernel, nest: Nest): Cuts | null {
  const { loops, kept, vector, width, copies } = nest;
  if (kept === 0) return null;
  // Each range must write elements of its own.
  if ([...kernel.body, ...kernel.tail].some(({ place }) => nest.stridesOf(place.at)[0] === 0)) return null;
  const { size } = loops[0]!;
  const grain = vector === 0 ? width * copies : 1;
  return size > grain ? { size, grain } : null;
}
