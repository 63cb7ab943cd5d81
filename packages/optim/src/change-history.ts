import { stack, type Tensor } from "@downhill/core";
import { assign, enter, flush, leave, ownTensor, transaction, withGrad, zeroState } from "@downhill/core/engine";

/** A change of the gradient `y` by a change of the values `s`. */
interface Change {
  readonly y: Tensor;
  readonly s: Tensor;
  /** 1 / (y · s). */
  readonly ro: Tensor;
  /** What the first loop leaves to the second. */
  readonly alpha: Tensor;
}

/** The sum of the products of two vectors' elements. */
export const dot = (x: Tensor, y: Tensor): Tensor => x.mul(y).sum();

/** Computes what `fn` returns now, without gradients, and keeps nothing else. */
export function computed(fn: () => Tensor): Tensor {
  const outer = enter();
  try {
    const result = withGrad(false, fn);
    flush(result);
    return result;
  } finally {
    leave(outer);
  }
}

/** Reads several numbers at once. */
export async function numbersOf(fn: () => readonly Tensor[]): Promise<number[]> {
  return [...(await computed(() => stack(fn())).data())].map(Number);
}

/** Gives variables new values, all or none. */
export function update(fn: () => void): void {
  const outer = enter();
  try {
    transaction(() => {
      withGrad(false, fn);
    });
  } finally {
    leave(outer);
  }
}

/** The history in a state dict: y and s, [k, n], and ro, [k], of k changes. */
interface Packed {
  oldDirs?: Tensor;
  oldStps?: Tensor;
  ro?: Tensor;
}

/** What takes it out of a state again. */
export const notPacked: object = { oldDirs: undefined, oldStps: undefined, ro: undefined };

/** The last changes, oldest first: what L-BFGS knows of the Hessian. */
export class ChangeHistory {
  readonly #changes: Change[] = [];

  constructor({ oldDirs, oldStps, ro }: Packed = {}) {
    if (oldDirs === undefined || oldStps === undefined || ro === undefined) return;
    for (let i = 0; i < ro.shape[0]!; i++) {
      const part = (x: Tensor): Tensor => ownTensor(x.at(i));
      this.#changes.push({ y: part(oldDirs), s: part(oldStps), ro: part(ro), alpha: part(ro) });
    }
  }

  packed(): Packed {
    if (this.#changes.length === 0) return {};
    const all = (pick: (change: Change) => Tensor): Tensor => computed(() => stack(this.#changes.map(pick)));
    return { oldDirs: all(({ y }) => y), oldStps: all(({ s }) => s), ro: all(({ ro }) => ro) };
  }

  /** The same changes, to go back to: no change is ever another. */
  copy(): ChangeHistory {
    const copy = new ChangeHistory();
    copy.#changes.push(...this.#changes);
    return copy;
  }

  /** Adds a change; of more than `most` the oldest goes. */
  add(y: () => Tensor, s: () => Tensor, most: number): void {
    while (this.#changes.length >= most) this.#changes.shift();
    const change = blank(computed(y));
    update(() => {
      assign(change.y, y());
      assign(change.s, s());
      assign(change.ro, dot(y(), s()).reciprocal());
    });
    this.#changes.push(change);
  }

  /**
   * Sets `d` to the approximated inverse Hessian times -grad, beginning with the diagonal `scale`: the two-loop
   * recursion. Each change runs the same two Programs.
   */
  turn(d: Tensor, grad: Tensor, scale: number): void {
    update(() => {
      assign(d, grad.neg());
    });
    for (const { y, s, ro, alpha } of this.#changes.slice().reverse()) {
      update(() => {
        const share = dot(s, d).mul(ro);
        assign(alpha, share);
        assign(d, d.sub(y.mul(share)));
      });
    }
    update(() => {
      assign(d, d.mul(scale));
    });
    for (const { y, s, ro, alpha } of this.#changes) {
      update(() => {
        assign(d, d.add(s.mul(alpha.sub(dot(y, d).mul(ro)))));
      });
    }
  }
}

function blank(like: Tensor): Change {
  const number = computed(() => like.sum());
  return { y: zeroState(like), s: zeroState(like), ro: zeroState(number), alpha: zeroState(number) };
}
