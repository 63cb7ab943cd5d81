import { type HeapUsage, type HeldBlock, type Holder, userFrame } from "@downhill/core/compiler";
import { type Block, bytesOf } from "./gpu-buffer.js";
import { rounded } from "./gpu-heap.js";

/** Tells what holds how much of the heap, and the largest blocks. */
export function holdersOf(
  blocks: ReadonlySet<Block>,
  arenaBytes: number,
  count: number,
): Pick<HeapUsage, "holders" | "largest"> {
  const holders: Record<Holder, number> = { state: 0, data: 0, arena: arenaBytes, other: 0 };
  for (const block of blocks) holders[block.holder] += rounded(bytesOf(block));
  const held: Traced[] = [...blocks].map(heldBy);
  if (arenaBytes > 0) held.push({ bytes: arenaBytes, holder: "arena", label: "intermediates", origin: null });
  const largest = held
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, count)
    .map(withLine);
  return { holders, largest };
}

interface Traced extends HeldBlock {
  readonly origin: Error | null;
}

const heldBy = (block: Block): Traced => ({
  bytes: bytesOf(block),
  holder: block.holder,
  label: `${block.dtype}[${block.length}]`,
  origin: block.origin,
});

/** Says where the caller's code made a block, if that is known. */
function withLine({ origin, ...held }: Traced): HeldBlock {
  const line = origin === null ? undefined : userFrame(origin.stack ?? "")?.line;
  return line === undefined ? held : { ...held, line };
}
