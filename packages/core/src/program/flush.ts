import type { Buffer } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import { newestNode, type Node, overwrittenError } from "./node.js";
import { Draft } from "./program.js";
import { isInside } from "./scope.js";

const NONE: readonly never[] = [];

let marks = 0;

/** Computes the values of `targets`, with whatever they need and every pending reader of what they overwrite. */
export function flush(targets: readonly Node[]): void {
  let first: Device | undefined;
  let mixed = false;
  for (const target of targets) {
    if (target.isLeaf) continue;
    first ??= target.device;
    mixed ||= target.device !== first;
  }
  if (first === undefined) return;
  if (!mixed) return flushDevice(first, targets);
  for (const device of new Set(targets.map((target) => target.device))) {
    flushDevice(device, targets.filter((target) => target.device === device));
  }
}

/** Computes everything pending on a device. */
export function flushAll(device: Device): void {
  flushDevice(device, device.pending.slice());
}

/** Computes `targets` and every pending value that shares work with them: a loss beside its gradients. */
export function flushRelated(device: Device, targets: readonly Node[]): void {
  flushDevice(device, targets, true);
}

function flushDevice(device: Device, targets: readonly Node[], related = false): void {
  const needed = collect(device, targets, related);
  if (needed.length === 0) return;
  // Ids grow as Nodes are recorded: sorted by them, every Node stands after what it reads.
  needed.sort(byId);
  const draft = new Draft(needed, ++marks);
  const executable = device.programs.get(draft, (program) => device.backend.compile(program));
  const results = executable.run(draft.inputs.map(bufferOf), draft.scalars);
  settle(device, draft.outputs, results);
}

const byId = (a: Node, b: Node): number => a.id - b.id;
const bufferOf = (node: Node): Buffer => node.buffer!;

/**
 * The Nodes to compute: what the targets need, the pending readers of every Buffer that will be overwritten, and, if
 * `related`, the pending readers of anything that is computed on the way.
 */
function collect(device: Device, targets: readonly Node[], related: boolean): Node[] {
  const mark = ++marks;
  const needed: Node[] = [];
  const stack: Node[] = [];
  let overwriting = false;
  const visit = (target: Node): void => {
    if (target.mark === mark || target.isLeaf) return;
    target.mark = mark;
    stack.push(target);
    while (stack.length > 0) {
      const node = stack.pop()!;
      needed.push(node);
      if (node.overwrites !== null) overwriting = true;
      const { srcs } = node;
      for (let k = 0; k < srcs.length; k++) {
        const src = srcs[k]!;
        if (src.mark === mark) continue;
        if (src.overwrittenBy !== null) throw overwrittenError(node.op.name, src);
        if (src.isLeaf) continue;
        src.mark = mark;
        stack.push(src);
      }
    }
  };
  for (const target of targets) visit(target);
  if (!overwriting && !related) return needed;

  // Readers may themselves overwrite (a running mean that is read and then updated), so look until nothing is added.
  for (let before = -1; before !== needed.length; ) {
    before = needed.length;
    const doomed = new Set<Node>(related ? needed : []);
    for (const node of needed) if (node.overwrites?.buffer) doomed.add(node.overwrites);
    const known = new Map<Node, boolean>();
    for (const node of device.pending) if (node.mark !== mark && readsAny(node, doomed, known)) visit(node);
  }
  return needed;
}

/** Whether computing `root` would read one of `doomed`. Iterative, each Node once: graphs may be deep and shared. */
function readsAny(root: Node, doomed: ReadonlySet<Node>, known: Map<Node, boolean>): boolean {
  const stack = [root];
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    let answer = known.get(node);
    if (answer === undefined) {
      answer = false;
      let open = false;
      for (const src of node.srcs) {
        if (doomed.has(src)) answer = true;
        else if (!src.isLeaf) {
          const below = known.get(src);
          if (below === undefined) {
            stack.push(src);
            open = true;
          } else answer ||= below;
        }
      }
      // Settled now if a reader was found, else once everything below is known.
      if (open && !answer) continue;
      known.set(node, answer);
      continue;
    }
    stack.pop();
  }
  return known.get(root)!;
}

/** Throws the version error if computing `targets` would read a value that has been overwritten. */
export function checkStanding(targets: readonly Node[]): void {
  const mark = ++marks;
  const stack = targets.slice();
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.mark === mark) continue;
    node.mark = mark;
    if (node.overwrittenBy !== null) throw overwrittenError("backward", node);
    if (!node.isLeaf) for (const src of node.srcs) stack.push(src);
  }
}

/** Gives the computed Nodes their Buffers and takes them off the pending list. */
function settle(device: Device, outputs: readonly Node[], results: readonly Buffer[]): void {
  for (let k = 0; k < outputs.length; k++) {
    const node = outputs[k]!;
    const old = node.overwrites;
    if (old !== null && old.buffer === results[k]) {
      old.buffer = null;
      old.overwrittenBy = node.op.name === "copy" ? "an in-place copy" : "an in-place update (an optimizer's step)";
      device.lastOverwrite = newestNode();
    }
    node.overwrites = null;
    node.buffer = results[k]!;
    // The recipe is not needed any more; autograd keeps what it needs in `parents`.
    node.srcs = NONE;
    device.pendingBytes -= node.byteLength;
  }
  const { pending } = device;
  let kept = 0;
  for (let i = 0; i < pending.length; i++) {
    const node = pending[i]!;
    if (node.buffer === null && node.overwrittenBy === null) pending[kept++] = node;
  }
  pending.length = kept;
  if (kept === 0) device.pendingBytes = 0;
}

/** How much may wait at a seam before it is computed. */
export const seamLimits: { values: number; bytes: number } = { values: 48, bytes: 64 * 2 ** 20 };

/**
 * A place where the caller's code repeats itself (the end of a module call without gradients, of a batch, of a step, of
 * `noGrad`): computes what is pending when that is much. Cutting here, never at a raw count of Nodes, gives equal turns
 * of a loop equal Programs.
 */
export function seam(device: Device): void {
  if (!isInside() && (device.pending.length >= seamLimits.values || device.pendingBytes >= seamLimits.bytes)) flushAll(device);
}
