import { lifetimesOf, planMemory, type Schedule, type Source } from "@downhill/core/compiler";
import { itemSize, sizeOf } from "@downhill/core/engine";
import { alignment } from "../memory/gpu-heap.js";

/** Where a value of a Program is: in the arena, in an input's block, or in the block of an output of its own. */
export type Location =
  | { readonly kind: "arena"; readonly offset: number }
  | { readonly kind: "input"; readonly input: number }
  | { readonly kind: "output"; readonly output: number };

/** Where everything is that a Program works on. */
export interface Layout {
  /** By value. */
  readonly locations: ReadonlyMap<number, Location>;
  /** Bytes of intermediates; the working memory of Kernels comes behind them. */
  readonly scratch: number;
  readonly arenaBytes: number;
  /** What no layout could do without. */
  readonly lowerBound: number;
}

/** Lays out a Program: intermediates in the arena by their lifetimes, inputs and results in blocks of their own. */
export function layOut({ program, kernels, inPlace, copied }: Schedule, source: Source, scratchBytes: number): Layout {
  const { nodes } = program;
  const locations = new Map<number, Location>();
  program.inputs.forEach((node, input) => locations.set(node, { kind: "input", input }));
  program.outputs.forEach(({ node, overwrites }, output) => {
    if (overwrites < 0) locations.set(node, { kind: "output", output });
  });
  for (const [node, input] of inPlace) locations.set(node, locations.get(input)!);
  const { first, last } = lifetimesOf(kernels, source);
  const values = [...first.keys()].filter((node) => !locations.has(node));
  const plan = planMemory(
    values.map((node) => ({
      bytes: Math.ceil((sizeOf(nodes[node]!.shape) * itemSize[nodes[node]!.dtype]) / 4) * 4,
      first: first.get(node)!,
      last: copied.has(node) ? kernels.length : last.get(node)!,
    })),
  );
  values.forEach((node, i) => locations.set(node, { kind: "arena", offset: plan.offsets[i]! }));
  const scratch = Math.ceil(plan.bytes / alignment) * alignment;
  return { locations, scratch, arenaBytes: scratch + scratchBytes, lowerBound: plan.lowerBound };
}
