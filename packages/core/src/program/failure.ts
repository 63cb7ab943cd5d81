import type { Device } from "../backend/device.js";
import { IndexError, MemoryError } from "../errors.js";
import { takeBack } from "./change.js";
import { culpritOf, spoiltBy, waiting } from "./culprit.js";
import { conceal, type Node } from "./node.js";

/** Runs the Program of these Nodes. */
type Run = (nodes: readonly Node[]) => void;

/** Computes a Node's value for those who look for what is wrong with a Program; it may have none. */
const computing =
  (run: Run) =>
  (node: Node): void => {
    const { visible } = node;
    node.visible = true;
    try {
      run([node]);
    } catch {
      node.visible = visible;
    }
  };

/** What tensors have come to stand for since it was last computed. */
const changed = (device: Device): Node[] => device.changes.flatMap((change) => change.after);

/**
 * Takes back what an index out of range, in what `targets` need, has spoilt. Gives the error that says which it is, or
 * null if there is none.
 */
export function takeBackSpoilt(device: Device, targets: readonly Node[], error: unknown, run: Run): IndexError | null {
  const compute = computing(run);
  const culprit = error instanceof IndexError ? culpritOf(targets, compute) : null;
  if (culprit === null) return null;
  const spoilt = spoiltBy(culprit, [...targets, ...device.pending, ...changed(device)], compute);
  spoilt.forEach(conceal);
  takeBack(device, spoilt);
  return culprit.error;
}

/** Takes the pending values off the list that an index out of range spoils; tells whether there are any. */
export function passOver(device: Device, error: unknown, run: Run): boolean {
  const compute = computing(run);
  const culprit = error instanceof IndexError ? culpritOf(device.pending, compute) : null;
  if (culprit === null) return false;
  const spoilt = spoiltBy(culprit, device.pending, compute);
  const lost = device.pending.filter((node) => spoilt.has(node));
  lost.forEach(conceal);
  device.passedOver = true;
  return lost.length > 0;
}

/** What is pending beside `targets`; changes that may be too large come later, together. */
export function othersOf(device: Device, targets: readonly Node[], error: unknown): Node[] {
  const left = new Set([...targets, ...(error instanceof MemoryError ? changed(device) : [])]);
  return device.pending.filter((node) => !left.has(node));
}

/** Computes Nodes one by one, and takes those that fail off the pending list; tells whether any did. */
export function setAside(device: Device, nodes: readonly Node[], run: Run): boolean {
  let failed = false;
  for (const node of nodes) {
    if (node.isLeaf) continue;
    try {
      run([node]);
    } catch {
      conceal(node);
      failed = device.passedOver = true;
    }
  }
  return failed;
}

/**
 * Takes back the changes for which there is no room either, without the rest: a batch that is too large for the memory
 * leaves no `.grad` to which the next, smaller one would add. Tells whether `targets` may be computed without them.
 */
export function takeBackTooLarge(device: Device, targets: readonly Node[], error: unknown, run: Run): boolean {
  if (!(error instanceof MemoryError)) return false;
  const failed = new Set<Node>();
  const attempt = (nodes: readonly Node[]): boolean => {
    const open = nodes.filter((node) => !node.isLeaf && node.visible);
    try {
      run(open);
      return true;
    } catch {
      if (nodes.length === 1) open.forEach((node) => failed.add(node));
      return false;
    }
  };
  const values = device.changes.filter((change) => !change.isGradient).flatMap(({ after }) => after);
  if (!attempt(values)) for (const node of values) attempt([node]);
  const retry = failed.size > 0;
  const needed = new Set(waiting(targets));
  const gradients = device.changes
    .flatMap(({ isGradient, after }) => (isGradient ? after : []))
    .filter((node) => needed.has(node));
  const fits = attempt(gradients);
  if (!fits) for (const node of gradients) failed.add(node);
  failed.forEach(conceal);
  takeBack(device, failed);
  return retry && fits;
}
