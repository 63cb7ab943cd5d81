import { type DType, Tensor } from "@downhill/core";
import { draftCall, fromHost, hostArray, type Node, sizeOf, withGrad } from "@downhill/core/engine";
import type { Module } from "../module.js";

/** One value of a recorded forward pass: what made it, from which others, by their places. */
export interface RecordedNode {
  readonly op: Node["op"]["name"];
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly attrs: readonly number[];
  readonly srcs: readonly number[];
  /** The Node of a value that was there before. */
  readonly leaf: Node | null;
}

/** One call of a module: the places of the tensors that it took and gave, in order. */
export interface RecordedCall {
  readonly module: Module;
  readonly args: readonly unknown[];
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly number[];
}

/** A forward pass: values in order, with what they are made of before them. */
export interface Recording {
  readonly nodes: readonly RecordedNode[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly calls: readonly RecordedCall[];
}

/** The tensors of an argument or a result, in order; null for what is none. */
function tensorsIn(value: unknown): (Tensor | null)[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.values(value).flatMap(tensorsIn);
  return [null];
}

/** Gives Nodes their places, each after what it is made of. Iterative: graphs may be deep. */
class Places {
  readonly nodes: RecordedNode[] = [];
  readonly #known = new Map<Node, number>();

  of(target: Node): number {
    const stack = [target];
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const srcs = node.isLeaf ? [] : node.srcs;
      const open = srcs.filter((src) => !this.#known.has(src));
      if (this.#known.has(node) || open.length === 0) {
        stack.pop();
        if (!this.#known.has(node)) this.#add(node, srcs);
      } else stack.push(...open.toReversed());
    }
    return this.#known.get(target)!;
  }

  #add(node: Node, srcs: readonly Node[]): void {
    const { dtype, shape, attrs } = node;
    const op = node.isLeaf ? (node.isScalar ? "scalar" : "buffer") : node.op.name;
    const places = srcs.map((src) => this.#known.get(src)!);
    this.#known.set(
      node,
      this.nodes.push({ op, dtype, shape, attrs, srcs: places, leaf: node.isLeaf ? node : null }) - 1,
    );
  }
}

/** What an input is like. */
export interface InputForm {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: Tensor["device"];
}

interface Call {
  readonly module: Module;
  readonly args: readonly unknown[];
  readonly inputs: readonly (Node | null)[];
  readonly outputs: readonly Node[];
}

/**
 * Records the forward pass of a model for inputs of these forms, in evaluation and without gradients, and the calls of its
 * modules. Nothing is computed, and afterwards everything is as it was.
 */
export function recordForward(
  model: Module,
  forms: readonly InputForm[],
  checkResult: (result: unknown) => readonly Tensor[],
): Recording {
  const inputs = forms.map(({ shape, dtype, device }) =>
    fromHost("exportOnnx", hostArray(dtype, sizeOf(shape)), shape, dtype, { device }),
  );
  const calls: Call[] = [];
  const modules = [...model.modules()];
  const modes = modules.map((module) => [module, module.training] as const);
  const hooks = modules.map((module) =>
    module.registerForwardHook(
      (_, args, output) => {
        const nodes = tensorsIn(args).map((x) => x?.node ?? null);
        calls.push({ module, args, inputs: nodes, outputs: tensorsIn(output).flatMap((x) => x?.node ?? []) });
      },
      { prepend: true }, // before hooks that change what it gave
    ),
  );
  let given: readonly Node[] = [];
  let outputs: readonly Node[] = [];
  const forward = (...stands: readonly unknown[]): readonly Tensor[] => {
    given = stands.map((stand) => (stand as Tensor).node);
    const results = checkResult(withGrad(false, () => (model.forward as (...args: unknown[]) => unknown)(...stands)));
    outputs = results.map(({ node }) => node);
    return results;
  };
  try {
    model.eval();
    return draftCall(forward, inputs, true, () => {
      const places = new Places();
      const at = (node: Node): number => places.of(node);
      return {
        inputs: given.map(at),
        outputs: outputs.map(at),
        calls: calls.map((call) => ({
          module: call.module,
          args: call.args,
          inputs: call.inputs.map((node) => (node === null ? null : at(node))),
          outputs: call.outputs.map(at),
        })),
        nodes: places.nodes,
      };
    });
  } finally {
    for (const hook of hooks) hook.remove();
    for (const [module, training] of modes) module.training = training;
  }
}
