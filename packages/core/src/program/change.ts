import type { Device } from "../backend/device.js";
import { conceal, expose, type Node } from "./node.js";

/**
 * Tensors have come to stand for values that are not computed yet, or their `.grad` has. Should it turn out that these
 * cannot be computed, because an index is out of range or they do not fit into the memory, the tensors get back what they had: in PyTorch the forward pass
 * would have thrown, and nothing have changed.
 */
export interface Change {
  /** Whether it is their `.grad`. */
  readonly isGradient: boolean;
  /** What they have got. */
  readonly after: readonly Node[];
  /** Whether any of them still stands for a value that is not computed. */
  readonly waits: boolean;
  /** Gives them back what they had where what they have got is among the `failed`; null: everywhere. */
  takeBack(failed: ReadonlySet<Node> | null): void;
}

/** What has a value: a tensor. */
interface Holder {
  node: Node;
}

/** A tensor has come to stand for another value, by an update or an in-place method. */
export class ValueChange implements Change {
  private readonly wasVisible: boolean;

  constructor(
    private readonly holder: Holder,
    private readonly before: Node,
    readonly now: Node,
  ) {
    this.wasVisible = before.visible;
  }

  get isGradient(): false {
    return false;
  }

  get after(): Node[] {
    return [this.now];
  }

  get waits(): boolean {
    return !this.holder.node.isLeaf;
  }

  takeBack(failed: ReadonlySet<Node> | null): void {
    const { holder, before, now } = this;
    if (now.buffer !== null || (failed !== null && (holder.node !== now || !failed.has(now)))) return;
    // It was to write where an update that is itself still pending was going to: that one does again.
    if (before.buffer === null && now.overwrites !== before) before.overwrites = now.overwrites;
    now.overwrites = null;
    conceal(now);
    holder.node = before;
    if (this.wasVisible) expose(before); // an in-place method has taken it off the list
  }
}

/** Forgets the changes that have their values: all of them where nothing is pending, or has been given up. */
export function settleChanges({ changes, pending, passedOver }: Device): void {
  let kept = 0;
  if (pending.length > 0 || passedOver)
    for (let i = 0; i < changes.length; i++) if (changes[i]!.waits) changes[kept++] = changes[i]!;
  while (changes.length > kept) changes.pop();
}

/** Takes back every change to a value that is among the `failed`, the newest first. */
export function takeBack(device: Device, failed: ReadonlySet<Node>): void {
  const { changes } = device;
  for (let i = changes.length - 1; i >= 0; i--) changes[i]!.takeBack(failed);
  device.passedOver = changes.some((change) => change.waits);
  settleChanges(device);
}
