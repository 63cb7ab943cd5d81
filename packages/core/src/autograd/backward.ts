import { GradientError, ShapeError } from "../errors.js";
import { expose, type Node, type Op } from "../program/node.js";
import { checkStanding, flushRelated } from "../program/flush.js";
import { enter, isInside, leave, outside } from "../program/scope.js";
import { sameShape, type Shape, text } from "../shape.js";
import { apply, COPY, ruleOf, scalar, Tensor } from "../tensor.js";
import { cast } from "../ops/cast.js";
import { toExpanded, toShape } from "../ops/view.js";
import { withGrad } from "./mode.js";
import type { Application, GradientRule } from "./rule.js";

export interface BackwardOptions {
  /** Keep the graph for another backward. Default: `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the backward pass too, for derivatives of higher order. */
  readonly createGraph?: boolean;
}

/** How a node that is not an ordinary op passes its gradient on: custom functions and checkpoints. */
export interface CustomBackward {
  readonly parents: readonly Node[];
  /** Gradients for `parents`, given the gradient of `node`; null where there is none. */
  run(node: Node, grad: Tensor | null): readonly (Tensor | null)[];
}

/** One use of an op; getters wrap Nodes only for the rules that ask. */
class Use implements Application {
  index = 0;
  constructor(
    readonly node: Node,
    readonly grad: Tensor,
    readonly saved: readonly Node[],
      ) {}
  get out(): Tensor {
    return new Tensor(this.node);
  }
  get x(): Tensor {
    return new Tensor(this.saved[0]!);
  }
  get y(): Tensor {
    return new Tensor(this.saved[1]!);
  }
  get z(): Tensor {
    return new Tensor(this.saved[2]!);
  }
  get attrs(): readonly number[] {
    return this.node.attrs;
  }
  get shape(): Shape {
    return this.saved[this.index]!.shape;
  }
}

/** Sums a gradient of the broadcast shape down to `shape`. */
export function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const lead = grad.ndim - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < grad.ndim; i++) if (i < lead || (shape[i - lead] === 1 && grad.shape[i] !== 1)) dims.push(i);
  return toShape(dims.length === 0 ? grad : grad.sum(dims, { keepdim: true }), shape);
}

/** The Nodes that gradients pass through on the way from `roots`, newest first: each stands before what it reads. */
function tape(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>(roots);
  const order = [...seen];
  for (let i = 0; i < order.length; i++) {
    for (const parent of order[i]!.parents) {
      if (parent.requiresGrad && !seen.has(parent)) {
        seen.add(parent);
        order.push(parent);
      }
    }
  }
  return order.sort((a, b) => b.id - a.id);
}

/** A leaf's gradient, or one that is kept, waiting to be stored when the whole pass has succeeded. */
interface Arrival {
  readonly node: Node;
  readonly grad: Tensor;
}

/**
 * @internal Passes gradients from `roots` down the graph, iteratively. Returns what arrived at `wanted`, and at leaves and tensors
 * that keep their gradient. `wanted` limits the walk to the paths that lead to them.
 */
export function propagate(roots: readonly Node[], seeds: readonly Tensor[], wanted: ReadonlySet<Node> | null, retain: boolean): { at: Map<Node, Tensor>; arrivals: Arrival[] } {
  const order = tape(roots);
  const useful = wanted && leadsTo(order, wanted);
  const grads = new Map<Node, Tensor>();
  const accumulate = (node: Node, grad: Tensor): void => {
    const earlier = grads.get(node);
    grads.set(node, earlier === undefined ? grad : earlier.add(grad));
  };
  for (let i = 0; i < roots.length; i++) accumulate(roots[i]!, seeds[i]!);

  const at = new Map<Node, Tensor>();
  const arrivals: Arrival[] = [];
  for (const node of order) {
    let grad = grads.get(node) ?? null;
    grads.delete(node);
    if (useful && !useful.has(node)) continue;
    if (node.freed) {
      throw new GradientError(
        "backward: this graph was freed by an earlier backward",
        "compute the loss again, or keep the graph: loss.backward(undefined, { retainGraph: true })",
      );
    }
    if (grad !== null) {
      const variable = node.variable as Tensor | null;
      if (variable?.hooks) grad = runHooks(variable, grad);
      if (wanted?.has(node)) at.set(node, grad);
      if (variable && wanted === null && (variable.retainsGrad || node.parents.length === 0)) arrivals.push({ node, grad });
    }
    if (node.parents.length === 0) continue;
    const custom = node.backward as CustomBackward | null;
    if (custom !== null) {
      const passed = custom.run(node, grad);
      for (let k = 0; k < node.parents.length; k++) {
        const parent = node.parents[k]!;
        const share = passed[k];
        if (share && parent.requiresGrad) accumulate(parent, cast(unbroadcast(share, parent.shape), parent.dtype));
      }
    } else if (grad !== null) {
      const use = new Use(node, grad, node.parents);
      for (let k = 0; k < node.parents.length; k++) {
        const parent = node.parents[k]!;
        if (!parent.requiresGrad || (useful && !useful.has(parent))) continue;
        const rule = ruleOf(node.op as Op<GradientRule>, k);
        if (rule === null) continue;
        use.index = k;
        accumulate(parent, cast(unbroadcast(rule(use), parent.shape), parent.dtype));
      }
    }
  }
  // Recorded before an update overwrote something: does what the gradients read still stand?
  const { lastOverwrite } = roots[0]!.device;
  if (order.some((node) => node.id <= lastOverwrite && node.parents.length > 0)) {
    checkStanding([...at.values(), ...arrivals.map((arrival) => arrival.grad)].map((grad) => grad.node));
  }
  if (!retain) {
    for (const node of order) {
      if (node.parents.length === 0) continue;
      if (useful && !useful.has(node)) continue;
      node.parents = [];
      node.backward = null;
      node.freed = true;
    }
  }
  return { at, arrivals };
}

/** The Nodes of `order` from which a path leads to `wanted`. */
function leadsTo(order: readonly Node[], wanted: ReadonlySet<Node>): Set<Node> {
  const useful = new Set<Node>(wanted);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    for (const parent of node.parents) if (useful.has(parent)) useful.add(node);
  }
  return useful;
}

function runHooks(variable: Tensor, grad: Tensor): Tensor {
  for (const hook of variable.hooks!.slice()) {
    // A hook is the caller's code: what it sees and makes can be read.
    expose(grad.node);
    const changed = outside(() => hook(grad));
    if (changed !== undefined && changed !== null) {
      if (!(changed instanceof Tensor) || !sameShape(changed.shape, grad.shape)) {
        throw new GradientError(`backward: a hook must return a tensor of shape ${text(grad.shape)} or nothing`);
      }
      grad = changed;
    }
  }
  return grad;
}

/** @internal Checks the gradient that a backward pass starts from; a scalar starts from 1. */
export function seed(where: string, root: Tensor, gradient: Tensor | null | undefined): Tensor {
  if (!root.requiresGrad) {
    throw new GradientError(
      `${where}: the tensor of shape ${text(root.shape)} does not require gradients and has no graph`,
      "make the parameters with { requiresGrad: true }, and compute outside noGrad",
    );
  }
  if (gradient === undefined || gradient === null) {
    if (root.numel() !== 1) {
      throw new GradientError(`${where}: a gradient is made up only for one element, this tensor has shape ${text(root.shape)}`, `reduce it (loss.mean()), or pass one: ${where}(gradient)`);
    }
    return toExpanded(scalar(1, root.dtype, root.device), root.shape);
  }
  if (!(gradient instanceof Tensor)) throw new GradientError(`${where}: the gradient must be a tensor`);
  if (!sameShape(gradient.shape, root.shape)) {
    throw new ShapeError(`${where}: the gradient has shape ${text(gradient.shape)}, the tensor ${text(root.shape)}`);
  }
  return cast(gradient, root.dtype);
}

/**
 * Computes the gradient of this tensor with respect to every leaf that it was computed from, and adds it to their
 * `.grad`. Same as torch.Tensor.backward.
 *
 * @param gradient The gradient of this tensor; may be left out for a tensor of one element.
 * @throws GradientError without a graph, for a freed graph, or without a gradient for several elements.
 * @throws VersionError when an update has overwritten a value that the graph needs.
 *
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * console.log(w.grad); // tensor([2., 4.])
 */
export function backward(x: Tensor, gradient?: Tensor | null, options: BackwardOptions = {}): void {
  const createGraph = options.createGraph ?? false;
  const retain = options.retainGraph ?? createGraph;
  const start = seed("backward", x, gradient);
  const outer = enter();
  let carried = false;
  const stored: Node[] = [];
  const changed: Tensor[] = [];
  try {
    withGrad(createGraph, () => {
      const { arrivals } = propagate([x.node], [start], null, retain);
      // Everything has succeeded: only now do gradients change.
      for (const { node, grad } of arrivals) {
        const variable = node.variable as Tensor;
        const earlier = variable.grad;
        carried ||= !node.isLeaf || (earlier !== null && !earlier.node.isLeaf);
        const total = earlier === null || variable.retainsGrad ? own(grad) : earlier.add(grad);
        variable.grad = total;
        stored.push(total.node);
        changed.push(variable);
      }
    });
  } finally {
    leave(outer);
  }
  for (const variable of changed) variable.accumulateHooks?.forEach((hook) => outside(() => hook(variable)));
  if (isInside()) return;
  for (const node of stored) expose(node);
  // A loop that has neither a read nor an optimizer comes here with its last turn still pending: compute it, so that
  // every turn is the same Program.
  if (carried) flushRelated(x.device, stored);
}

/** @internal A gradient as a tensor object of its own, since two leaves may get the very same one. */
export function own(grad: Tensor): Tensor {
  return grad.node.isScalar ? apply(COPY, [grad], [], grad.shape, grad.dtype) : new Tensor(grad.node);
}

