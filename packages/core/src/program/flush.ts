import type { Buffer, Executable } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import { settleChanges } from "./change.js";
import { othersOf, passOver, setAside, takeBackSpoilt, takeBackTooLarge } from "./failure.js";
import { conceal, newestNode, nextMark, type Node, overwrittenError, recordedAt } from "./node.js";
import { Draft } from "./program.js";
import type { Operands } from "./recurrence.js";
import { runWatch } from "./run-watch.js";
import { isInside } from "./scope.js";
import { trace } from "./trace.js";

const NONE: readonly never[] = [];

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
    flushDevice(
      device,
      targets.filter((target) => target.device === device),
    );
  }
}

/** Computes everything pending on a device. What cannot be computed throws where it is read. */
export function flushAll(device: Device): void {
  const targets = device.pending.slice();
  if (again(device, targets, false)) return;
  try {
    run(new Draft(), device, targets, false);
  } catch (error) {
    const alone = running(device);
    if (passOver(device, error, alone)) flushAll(device);
    else setAside(device, targets, alone);
  }
}

/** Computes `targets` and every pending value that shares work with them: a loss beside its gradients. */
export function flushRelated(device: Device, targets: readonly Node[]): void {
  flushDevice(device, targets, true);
}

function flushDevice(device: Device, targets: readonly Node[], related = false): void {
  if (again(device, targets, related)) return;
  const draft = new Draft();
  try {
    run(draft, device, targets, related);
  } catch (error) {
    const alone = running(device);
    const reason = takeBackSpoilt(device, targets, error, alone);
    if (reason === null) {
      // A pending reader that cannot be computed (an index out of range, a value overwritten) must not fail this flush.
      if (passOver(device, error, alone)) return flushDevice(device, targets, related);
      const joined = related || draft.doomed.length > 0;
      if (joined && setAside(device, othersOf(device, targets, error), alone))
        return flushDevice(device, targets, related);
      if (takeBackTooLarge(device, targets, error, alone)) return flushDevice(device, targets, related);
    }
    targets.forEach(conceal);
    throw reason ?? error;
  }
}

/** Runs Nodes without what else is pending. */
const running =
  (device: Device) =>
  (nodes: readonly Node[]): void => {
    run(new Draft(), device, nodes, false);
  };

/** Runs the Program that is expected, if it computes `targets`. If it fails, the long way finds out what does. */
function again(device: Device, targets: readonly Node[], related: boolean): boolean {
  const known = device.programs.again(targets, device.pending, related);
  if (known === null) return false;
  try {
    execute(device, known.executable, known.operands);
    return true;
  } catch {
    return false;
  }
}

function run(draft: Draft, device: Device, targets: readonly Node[], related: boolean): void {
  for (let i = 0; i < targets.length; i++) draft.add(targets[i]!);
  if (draft.outputs.length === 0) return;
  const joins = related || draft.doomed.length > 0;
  const all = joins && addReaders(draft, device, related);
  const executable = device.programs.get(draft, (program) => device.backend.compile(program));
  if (joins === all) device.programs.learn(targets, joins ? device.pending : null, related);
  execute(device, executable, draft);
}

function execute(device: Device, executable: Executable, { buffers, scalars, outputs }: Operands): void {
  settle(device, outputs, executable.run(buffers, scalars));
  if (runWatch !== null) runWatch(device, executable, false);
}

/**
 * Adds the pending readers of every Buffer that the draft overwrites and, if `related`, of anything that it computes.
 * Readers may themselves overwrite (a running mean that is read and then updated), so it looks until nothing is added.
 * Tells whether that was everything pending, in order.
 */
function addReaders(draft: Draft, device: Device, related: boolean): boolean {
  const { pending } = device;
  let all = true;
  for (let done = false; !done;) {
    done = true;
    const doomed = draft.doomed.length;
    let search: Search | null = null;
    for (let i = 0; i < pending.length; i++) {
      const node = pending[i]!;
      if (draft.has(node)) continue;
      search ??= new Search(draft, related);
      if (!search.reads(node)) {
        all = false;
        continue;
      }
      draft.add(node);
      if (related || draft.doomed.length > doomed) done = false;
    }
  }
  return all;
}

/**
 * Finds out which Nodes read what a draft overwrites (or, if `related`, computes): judged once each, and only those that
 * somebody asks about or that decide it.
 */
class Search {
  private readonly draft: Draft;
  private readonly yes: number = nextMark();
  private readonly no: number = nextMark();
  private readonly related: boolean;
  /** The verdict on the draft's own Nodes, by place. */
  private readonly verdicts: (boolean | undefined)[] = [];

  constructor(draft: Draft, related: boolean) {
    this.draft = draft;
    this.related = related;
    for (let i = 0; i < draft.doomed.length; i++) this.verdicts[draft.doomed[i]!] = true;
  }

  /** What is known of a Node so far. */
  private verdict(node: Node): boolean | undefined {
    if (this.draft.has(node)) {
      const known = this.verdicts[node.slot];
      return known ?? (node.isLeaf ? false : this.related ? true : undefined);
    }
    if (node.mark === this.yes) return true;
    return node.mark === this.no || node.isLeaf ? false : undefined;
  }

  /** Iterative, each Node once: graphs may be deep and shared. */
  reads(root: Node): boolean {
    const stack = [root];
    for (;;) {
      const node = stack[stack.length - 1]!;
      let answer = this.verdict(node);
      if (answer === undefined) {
        answer = false;
        const { srcs } = node;
        const open = stack.length;
        for (let k = 0; k < srcs.length && !answer; k++) {
          const known = this.verdict(srcs[k]!);
          if (known === undefined) stack.push(srcs[k]!);
          else answer = known;
        }
        // Settled now if a reader was found, else once everything below is known.
        if (!answer && stack.length > open) continue;
        if (this.draft.has(node)) this.verdicts[node.slot] = answer;
        else node.mark = answer ? this.yes : this.no;
        if (answer) while (stack.length > open) stack.pop();
      }
      stack.pop();
      if (stack.length === 0) return answer;
    }
  }
}

/** Throws the version error if computing `targets` would read a value that has been overwritten. */
export function checkStanding(targets: readonly Node[]): void {
  const mark = nextMark();
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
export function settle(device: Device, outputs: readonly Node[], results: readonly Buffer[]): void {
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
    const origin = recordedAt(node);
    if (origin !== undefined && old === null) node.buffer.origin = origin;
    // The recipe is not needed any more; autograd keeps what it needs in `parents`.
    node.srcs = NONE;
  }
  const { pending } = device;
  let kept = 0;
  let bytes = 0;
  for (let i = 0; i < pending.length; i++) {
    const node = pending[i]!;
    if (node.buffer !== null || node.overwrittenBy !== null) continue;
    pending[kept++] = node;
    bytes += node.byteLength;
  }
  while (pending.length > kept) pending.pop(); // faster than setting the length, for the few that there mostly are
  device.pendingBytes = bytes;
  if (device.changes.length > 0) settleChanges(device);
}

/** How many values wait: pending ones, or those that in-place methods have replaced, which are needed for the last. */
export const waiting = ({ pending, changes, passedOver }: Device): number =>
  passedOver || changes.length < pending.length ? pending.length : changes.length;

/** How much may wait at a seam before it is computed. */
export const seamLimits: { values: number; bytes: number } = { values: 48, bytes: 64 * 2 ** 20 };

/**
 * A place where the caller's code repeats itself (the end of a module call without gradients, of a batch, of a step, of
 * `noGrad`): computes what is pending when that is much. Cutting here, never at a raw count of Nodes, gives equal turns
 * of a loop equal Programs.
 */
export function seam(device: Device): void {
  if (isInside() || trace !== null) return;
  if (waiting(device) >= seamLimits.values || device.pendingBytes >= seamLimits.bytes) flushAll(device);
}
