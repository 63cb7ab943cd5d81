import type { NodeKernel } from "@downhill/core/compiler";
import type { ProgramNode } from "@downhill/core/engine";
import { writeArgsort } from "./argsort-kernel.js";
import { writeGather } from "./gather-kernel.js";
import { NodeSource, type NodeTask, type Written } from "./node-task.js";
import { writeScan } from "./scan-kernel.js";
import { writeScatter } from "./scatter-kernel.js";

const writers: Readonly<Partial<Record<string, (task: NodeTask) => Written>>> = {
  gather: writeGather,
  scatter: writeScatter,
  argsort: writeArgsort,
  cumsum: writeScan,
  cumprod: writeScan,
};

/** Writes a Node that no loop nest expresses; `values` are those that its sources show. */
export function writeNode(
  kernel: NodeKernel,
  values: readonly number[],
  nodes: readonly ProgramNode[],
  label: string,
): Written {
  const node = nodes[kernel.node]!;
  const write = writers[node.op];
  if (write === undefined) throw new Error(`webgpu: ${node.op} is no Kernel of its own`);
  const sources = values.map((value, k) => new NodeSource(value, nodes[value]!, nodes[node.srcs[k]!]!.shape));
  return write({ value: kernel.node, node, sources, label });
}
