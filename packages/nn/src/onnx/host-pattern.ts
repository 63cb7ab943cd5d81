import { Tensor } from "@downhill/core";
import type { Node } from "@downhill/core/engine";

/** What code makes on the host for the input's size: one number everywhere, or a vector of start, start + step, … */
export type HostPattern =
  | { readonly kind: "same"; readonly value: number }
  | { readonly kind: "range"; readonly start: number; readonly step: number };

/** Finds the pattern that tensors of several sizes share; null if there is none. */
export async function hostPattern(nodes: readonly Node[]): Promise<HostPattern | null> {
  const all = await Promise.all(nodes.map(async (node) => Array.from(await new Tensor(node).data(), Number)));
  const [first = 0, second = first] = all[0]!;
  if (all.every((data) => data.every((value) => Object.is(value, first)))) return { kind: "same", value: first };
  const step = second - first;
  const isRange = all.every((data) => data.every((value, i) => value === first + i * step));
  return isRange && nodes[0]!.shape.length === 1 ? { kind: "range", start: first, step } : null;
}
