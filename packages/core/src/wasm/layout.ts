import { itemSize } from "../dtype.js";
import type { Source } from "../kernel/expression-builder.js";
import { lifetimesOf } from "../program/lifetimes.js";
import type { Schedule } from "../program/schedule.js";
import { planMemory } from "../program/memory-plan.js";
import { sizeOf } from "../shape.js";

/** Results up to this many bytes are copied to typed arrays of their own; larger ones stay where they were computed. */
export const smallResult: number = 16 * 1024;
/**
 * Results of float32 up to this many bytes leave the arena together, in pieces of so many bytes. V8 makes a typed array
 * of up to 64 bytes in 0.1 µs, and any larger one, whose memory lies outside its heap, in 1.5 µs.
 */
export const pieceBytes: number = 64;
/** Inputs up to this many bytes are copied into the arena, until they have been read often enough to become resident. */
export const smallInput: number = 16 * 1024;

/** Where a value of a Program is: at a fixed distance from the start of the arena, or where an entry of the table tells. */
export type Location = { readonly arena: number } | { readonly entry: number };

/** Where everything is that a Program works on. */
export interface Layout {
  /** By Node. */
  readonly locations: ReadonlyMap<number, Location>;
  /** For each input, its room in the arena; -1 for those that are always resident. */
  readonly staging: readonly number[];
  /** For each output, where its elements are found: in the arena, or in a Buffer that the table points to (-1). */
  readonly results: readonly number[];
  /** Small results of float32 that leave the arena in pieces, none of them in two: where these begin, and their bytes. */
  readonly bundle: { readonly start: number; readonly bytes: number };
  /** Table entries of outputs that get a Buffer of their own: by output; -1 for others. */
  readonly own: readonly number[];
  /** Table entries of inputs. */
  readonly entries: readonly number[];
  /** Room for the routines' working memory. */
  readonly scratch: number;
  readonly arenaBytes: number;
  /** What no layout could do without. */
  readonly lowerBound: number;
  /** 32-bit words of the table: the arena's address comes first. */
  readonly words: number;
}

/**
 * Lays out a Program: intermediates in the arena by their lifetimes, inputs and large results in Buffers. If `isBody`, all
 * inputs and results lie where the table tells, as those of a body that runs again and again on other rows do.
 */
export function layOut(
  { program, kernels, inPlace, copied }: Schedule,
  source: Source,
  scratchBytes: number,
  isBody = false,
): Layout {
  const { nodes } = program;
  const bytesOf = (node: number): number => sizeOf(nodes[node]!.shape) * itemSize[nodes[node]!.dtype];
  let words = 1;
  const locations = new Map<number, Location>();
  const entries = program.inputs.map((node) => {
    const entry = words++;
    locations.set(node, { entry });
    return entry;
  });
  const own = program.outputs.map(({ node, overwrites }) => {
    if (overwrites >= 0 || (bytesOf(node) <= smallResult && !isBody)) return -1;
    const entry = words++;
    locations.set(node, { entry });
    return entry;
  });
  for (const [node, input] of inPlace) locations.set(node, locations.get(input)!);

  const { first, last } = lifetimesOf(kernels, source);
  const end = kernels.length;
  const kept = new Set<number>([...copied.keys(), ...program.outputs.map(({ node }) => node)]);
  const together: number[] = [];
  program.outputs.forEach(({ node, overwrites }) => {
    const small = overwrites < 0 && nodes[node]!.dtype === "float32" && bytesOf(node) <= pieceBytes;
    if (small && !locations.has(node)) together.push(node);
  });
  const inBundle = new Set(together);
  let bundleBytes = 0;
  const inPieces = together.map((node) => {
    const bytes = bytesOf(node);
    const left = pieceBytes - (bundleBytes % pieceBytes);
    const offset = bytes > left ? bundleBytes + left : bundleBytes;
    bundleBytes = offset + bytes;
    return offset;
  });
  const values = [...first.keys()].filter((node) => !locations.has(node) && !inBundle.has(node));
  const staged = program.inputs
    .map((node, k) => ({ node, k }))
    .filter(({ node }) => bytesOf(node) <= smallInput && !isBody);
  const plan = planMemory([
    ...values.map((node) => ({
      bytes: bytesOf(node),
      first: first.get(node)!,
      last: kept.has(node) ? end : last.get(node)!,
    })),
    ...staged.map(({ node }) => ({ bytes: Math.max(bytesOf(node), 1), first: 0, last: last.get(node) ?? 0 })),
    { bytes: bundleBytes, first: 0, last: end },
  ]);
  const start = plan.offsets.at(-1)!;
  together.forEach((node, i) => locations.set(node, { arena: start + inPieces[i]! }));
  values.forEach((node, i) => locations.set(node, { arena: plan.offsets[i]! }));
  const staging = program.inputs.map(() => -1);
  staged.forEach(({ k }, i) => (staging[k] = plan.offsets[values.length + i]!));
  const results = program.outputs.map(({ node }) => {
    const location = locations.get(node)!;
    return "arena" in location ? location.arena : -1;
  });
  return {
    locations,
    staging,
    results,
    bundle: { start, bytes: bundleBytes },
    own,
    entries,
    scratch: plan.bytes,
    arenaBytes: plan.bytes + scratchBytes,
    lowerBound: plan.lowerBound,
    words,
  };
}
