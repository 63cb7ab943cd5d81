import { GradientError, show } from "../errors.js";
import { cast } from "../ops/cast.js";
import { toShape } from "../ops/view.js";
import { checkStanding } from "../program/flush.js";
import { expose, newestMark, nextMark, type Node, type Op } from "../program/node.js";
import { outside } from "../program/scope.js";
import { trace } from "../program/trace.js";
import { sameShape, type Shape, text } from "../shape.js";
import { apply, COPY, ruleOf, Tensor } from "../tensor.js";
import { watch } from "./anomaly-watch.js";
import { Recomputed } from "./recomputed.js";
import { gradient } from "./seed.js";
import type { Application, ClosedFormBackward, FunctionBackward, GradientRule, OutputBackward } from "./rule.js";

/** One use of an op; getters wrap Nodes only for the rules that ask. */
class Use implements Application {
  index = 0;
  constructor(
    readonly node: Node,
    readonly grad: Tensor,
    private readonly values: Recomputed,
  ) {}
  get out(): Tensor {
    return new Tensor(this.values.of(this.node));
  }
  get x(): Tensor {
    return new Tensor(this.values.of(this.node.parents[0]!));
  }
  get y(): Tensor {
    return new Tensor(this.values.of(this.node.parents[1]!));
  }
  get z(): Tensor {
    return new Tensor(this.values.of(this.node.parents[2]!));
  }
  get attrs(): readonly number[] {
    return this.node.attrs;
  }
  get shape(): Shape {
    return this.node.parents[this.index]!.shape;
  }
}

/** Sums a gradient of the broadcast shape down to `shape`. */
export function unbroadcast(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const lead = grad.ndim - shape.length;
  const dims: number[] = [];
  let stretched = 0;
  for (let i = 0; i < grad.ndim; i++) {
    if (i >= lead && (shape[i - lead] !== 1 || grad.shape[i] === 1)) continue;
    dims.push(i);
    if (i >= lead) stretched++;
  }
  // Only dims in front, as for a bias: their sum has the shape already.
  if (stretched === 0) return dims.length === 0 ? toShape(grad, shape) : grad.sum(dims);
  return toShape(grad.sum(dims, { keepdim: true }), shape);
}

function meet(node: Node, mark: number, order: Node[], leaves: Node[]): void {
  if (node.mark === mark) return;
  node.mark = mark;
  if (node.parents.length === 0) leaves.push(node);
  else order.push(node);
}

/**
 * The Nodes that gradients pass through on the way from `roots`: each stands before what it reads, newest first, and
 * leaves, which read nothing, at the end.
 */
function tape(roots: readonly Node[]): Node[] {
  const mark = nextMark();
  const order: Node[] = [];
  const leaves: Node[] = [];
  for (const root of roots) meet(root, mark, order, leaves);
  let sorted = true;
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (i > 0 && order[i - 1]!.id < node.id) sorted = false;
    const { parents } = node;
    for (let k = 0; k < parents.length; k++) if (parents[k]!.requiresGrad) meet(parents[k]!, mark, order, leaves);
  }
  if (!sorted) order.sort((a, b) => b.id - a.id);
  for (let i = 0; i < leaves.length; i++) order.push(leaves[i]!);
  return order;
}

/** The Nodes of `order` with a parent from which `wanted` is reached, or that is wanted: those whose rules must run. */
function leadsTo(order: readonly Node[], wanted: ReadonlySet<Node>): Set<Node> {
  const leading = new Set<Node>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    for (const parent of node.parents) {
      if (!leading.has(parent) && !wanted.has(parent)) continue;
      leading.add(node);
      break;
    }
  }
  return leading;
}

function freedError(): GradientError {
  return new GradientError(
    "backward: this graph was freed by an earlier backward",
    "compute the loss again, or keep the graph: loss.backward(undefined, { retainGraph: true }); a compiled function keeps none: call backward inside it",
  );
}

/** A leaf's gradient, or one that is kept, waiting to be stored when the whole pass has succeeded. */
export interface Arrival {
  readonly node: Node;
  readonly grad: Tensor;
}

/** What a pass has found: gradients of wanted Nodes, and of leaves and tensors that keep theirs. */
export interface Propagated {
  readonly at: ReadonlyMap<Node, Tensor>;
  readonly arrivals: readonly Arrival[];
}

/** The gradients on their way through one pass. */
class Flow {
  private readonly order: readonly Node[];
  /** By the Node's place in `order`, which its slot tells. */
  private readonly grads: (Tensor | null)[];
  private mark = -1;

  constructor(order: readonly Node[]) {
    this.order = order;
    this.grads = new Array<Tensor | null>(order.length).fill(null);
    this.number();
  }

  /** Again after all that may have numbered Nodes otherwise: the caller's code flushes, or passes gradients itself. */
  number(): void {
    if (newestMark() === this.mark) return;
    this.mark = newestMark();
    const { order } = this;
    for (let i = 0; i < order.length; i++) order[i]!.slot = i;
  }

  add(node: Node, grad: Tensor): void {
    const { slot } = node;
    if (this.order[slot] !== node) return; // began to require gradients while the pass ran
    const earlier = this.grads[slot]!;
    this.grads[slot] = earlier === null ? grad : earlier.add(grad);
  }

  take(place: number): Tensor | null {
    const grad = this.grads[place]!;
    this.grads[place] = null;
    return grad;
  }

  /** Hands parent `k` of a Node its share, in the parent's shape and dtype. */
  pass(node: Node, k: number, share: Tensor | null | undefined): void {
    const parent = node.parents[k]!;
    if (!share || !parent.requiresGrad) return;
    const fitted = cast(unbroadcast(share, parent.shape), parent.dtype);
    if (watch !== null) {
      watch.check(node, fitted);
      this.number();
    }
    this.add(parent, fitted);
  }
}

const NONE: readonly never[] = [];
const NOTHING: ReadonlyMap<Node, Tensor> = new Map<Node, Tensor>();

/**
 * Passes gradients from `roots` down the graph, iteratively. With `wanted`, it takes only the paths that lead there and
 * nothing arrives at leaves. Unless `retain`, the part of the graph that was used is freed at the end.
 */
export function propagate(
  roots: readonly Node[],
  seeds: readonly Tensor[],
  wanted: ReadonlySet<Node> | null,
  retain: boolean,
): Propagated {
  const order = tape(roots);
  trace?.checkGraph(order);
  for (let i = 0; i < order.length; i++) {
    // What a freed Node came from is forgotten: it may have come from anything older.
    if (order[i]!.freed && (wanted === null || olderThan(order[i]!, wanted))) throw freedError();
  }
  const active = wanted && leadsTo(order, wanted);
  const flow = new Flow(order);
  let calls: Map<Node, Map<number, Tensor>> | null = null;
  const values = new Recomputed();
  for (let i = 0; i < roots.length; i++) flow.add(roots[i]!, seeds[i]!);

  const at = wanted && new Map<Node, Tensor>();
  const arrivals: Arrival[] = [];
  for (let place = 0; place < order.length; place++) {
    const node = order[place]!;
    if (active && !active.has(node) && !wanted.has(node)) continue;
    if (node.freed && (active === null || active.has(node))) throw freedError(); // by a backward in a hook
    let grad = flow.take(place);
    if (grad !== null) {
      const variable = node.variable as Tensor | null;
      if (variable?.hooks) {
        grad = runHooks(variable, grad);
        flow.number();
      }
      if (at) {
        if (wanted.has(node)) at.set(node, grad);
      } else if (variable && (variable.retainsGrad || node.parents.length === 0)) arrivals.push({ node, grad });
    }
    if (node.parents.length === 0 || (active && !active.has(node))) continue;
    const how = node.backward as ClosedFormBackward | FunctionBackward | OutputBackward | null;
    if (how?.kind === "function") {
      const received = calls?.get(node);
      if (received === undefined) continue;
      const shares = how.run(received, (saved) => values.of(saved));
      flow.number();
      for (let k = 0; k < shares.length; k++) flow.pass(node, k, shares[k]);
    } else if (grad === null) {
      continue;
    } else if (how === null) {
      const use = new Use(node, grad, values);
      for (let k = 0; k < node.parents.length; k++) {
        const parent = node.parents[k]!;
        if (!parent.requiresGrad || (active && !active.has(parent) && !wanted.has(parent))) continue;
        const rule = ruleOf(node.op as Op<GradientRule>, k);
        if (rule === null) continue;
        use.index = k;
        flow.pass(node, k, rule(use));
      }
    } else if (how.kind === "closedForm") {
      const value = (of: Node): Tensor => new Tensor(values.of(of));
      const shares = how.run(grad, value(node), ...node.parents.map(value));
      for (let k = 0; k < shares.length; k++) flow.pass(node, k, shares[k]);
    } else {
      const call = node.parents[0]!;
      calls ??= new Map<Node, Map<number, Tensor>>();
      let received = calls.get(call);
      if (received === undefined) calls.set(call, (received = new Map<number, Tensor>()));
      received.set(how.index, grad);
    }
  }
  const found = { at: at ?? NOTHING, arrivals };
  if (readsOld(order)) checkFound(found);
  if (!retain) {
    for (let i = 0; i < order.length; i++) {
      const node = order[i]!;
      if (node.parents.length === 0 || (active && !active.has(node))) continue;
      node.parents = NONE;
      node.backward = null;
      node.freed = true;
    }
  }
  return found;
}

/** Whether one of these was recorded before an update overwrote something. */
function readsOld(order: readonly Node[]): boolean {
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (node.id <= node.device.lastOverwrite && node.parents.length > 0) return true;
  }
  return false;
}

/** Checks that what the gradients read still stands. */
function checkFound({ at, arrivals }: Propagated): void {
  checkStanding([...at.values(), ...arrivals.map((arrival) => arrival.grad)].map((grad) => grad.node));
}

function olderThan(node: Node, wanted: ReadonlySet<Node>): boolean {
  for (const other of wanted) if (other.id < node.id) return true;
  return false;
}

function runHooks(variable: Tensor, grad: Tensor): Tensor {
  for (const hook of variable.hooks!.slice()) {
    // A hook is the caller's code: what it sees and makes can be read. It sees a tensor object of its own, so that an
    // in-place change stays on this path.
    const seen = gradient((grad.node.isScalar ? apply(COPY, [grad], [], grad.shape, grad.dtype) : grad).node);
    expose(seen.node);
    const changed = outside(() => hook(seen)) ?? seen;
    if (!(changed instanceof Tensor) || !sameShape(changed.shape, grad.shape)) {
      throw new GradientError(
        `backward: a hook must return a tensor of shape ${text(grad.shape)} or nothing, got ${show(changed)}`,
      );
    }
    grad = cast(changed, grad.dtype);
  }
  return grad;
}
