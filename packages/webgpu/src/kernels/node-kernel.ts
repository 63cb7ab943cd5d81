import type { NodeKernel } from "@downhill/core/compiler";
import type { ProgramNode } from "@downhill/core/engine";
import type { Dispatch } from "./dispatch.js";
import type { Surroundings } from "./surroundings.js";

/** Shaders, and the working memory that they need. */
export interface Written {
  readonly dispatches: readonly Dispatch[];
  readonly scratchBytes: number;
}

/** Writes a Node that no loop nest expresses. */
export function writeNode(
  kernel: NodeKernel,
  _srcs: readonly number[],
  nodes: readonly ProgramNode[],
  _around: Surroundings,
  _label: string,
): Written {
  throw new Error(`webgpu: ${nodes[kernel.node]!.op} is not written yet`);
}
