import type { DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Node } from "../program/node.js";
import type { PrimitiveName } from "../program/vocabulary.js";
import type { Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { listOf, type Tensors } from "../autograd/grad.js";

/** A Node of a recorded graph: an op applied to others, values, or a number that is passed at run time. */
export interface RecordedNode {
  /** The primitive; "buffer" for values that are there already, "scalar" for a number. */
  readonly op: PrimitiveName | "buffer" | "scalar";
  /** What it is computed from, as places in the list. */
  readonly inputs: readonly number[];
  /** The op's structural arguments: dims, sizes, starts. */
  readonly attrs: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whether gradients pass through it. */
  readonly requiresGrad: boolean;
  /** What the caller named it; null for all others. */
  readonly name: string | null;
  /** Of a "scalar": its number. */
  readonly number: number | null;
  /** Its value, to read or to take the gradient for; of a leaf that requires gradients, the very tensor that has `.grad`. */
  readonly tensor: Tensor;
}

/**
 * Lists the Nodes that tensors were recorded from, each after those it is computed from. Of a tensor that requires
 * gradients it is what autograd walks: it ends at what needs none (or at the named tensor that this is a view of), and
 * backward, which frees the graph, leaves only the tensor itself. Of another one it is what is still to be computed for
 * it. Computes nothing.
 *
 * @param outputs The tensors whose graph it is; the last Node is that of the newest.
 * @param names Names for tensors in it.
 * @throws GradientError for outputs that are no tensors, ValueError for a name that stands for none.
 *
 * @example
 * const w = tensor(3, { requiresGrad: true });
 * const nodes = recordedGraph(w.mul(w).add(1), { w });
 * console.log(nodes.map(({ op, name }) => name ?? op)); // ["w", "mul", "scalar", "add"]
 */
export function recordedGraph(outputs: Tensors, names: Readonly<Record<string, Tensor>> = {}): RecordedNode[] {
  const roots = listOf("recordedGraph", "outputs", outputs);
  const named = new Map<Node, string>();
  for (const [name, tensor] of Object.entries(names)) {
    if (!(tensor instanceof Tensor)) throw new ValueError(`recordedGraph: ${name} is not a tensor`);
    named.set(tensor.node, name);
  }
  const showsNamed = (node: Node): boolean =>
    !named.has(node) &&
    node.op.isView &&
    node.srcs.length > 0 &&
    (named.has(node.srcs[0]!) || showsNamed(node.srcs[0]!));

  const inputs = new Map<Node, readonly Node[]>();
  for (const { node: root } of roots) {
    const inputsOf = (node: Node): readonly Node[] => {
      if (!root.requiresGrad) return node.srcs;
      return node.requiresGrad ? node.parents : showsNamed(node) ? node.srcs : [];
    };
    const met = [root];
    for (const node of met) {
      if (inputs.has(node)) continue;
      inputs.set(node, inputsOf(node));
      met.push(...inputs.get(node)!);
    }
  }
  const found = [...inputs.keys()].sort((a, b) => a.id - b.id);
  const places = new Map(found.map((node, place) => [node, place]));
  return found.map((node) => ({
    op: node.op.name,
    inputs: inputs.get(node)!.map((input) => places.get(input)!),
    attrs: node.isScalar ? [] : node.attrs,
    shape: node.shape,
    dtype: node.dtype,
    requiresGrad: node.requiresGrad,
    name: named.get(node) ?? null,
    number: node.isScalar ? node.attrs[0]! : null,
    tensor: node.variable instanceof Tensor && node.variable.node === node ? node.variable : new Tensor(node),
  }));
}
