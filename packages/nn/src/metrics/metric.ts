import { DownhillError, ShapeError, Tensor } from "@downhill/core";
import {
  assign,
  composite,
  flush,
  isComputed,
  replace,
  sameShape,
  seam,
  show,
  text,
  transaction,
  withGrad,
  zeroState,
} from "@downhill/core/engine";
import { saveState, type StateDict } from "../state-dict.js";

/** What a metric keeps of what it has seen, by name. */
export type Kept = Readonly<Record<string, Tensor>>;

/** Runs `fn` as one op without gradients. */
/* @__NO_SIDE_EFFECTS__ */
export const measured = <A extends readonly unknown[], R>(fn: (...args: A) => R): ((...args: A) => R) =>
  composite((...args: A) => withGrad(false, () => fn(...args)));

/**
 * A quantity over many batches: what is kept of one (`measure`), how that of two is put together (`merge`), and what it
 * comes to (`result`). What is kept are small tensors on the batches' device; `update` only records and never waits, and
 * nothing is read before the tensor that `compute` gives is. After the metrics of torcheval and torchmetrics.
 *
 * `update` may stand before or after `backward`, in a compiled function, and in `noGrad`.
 *
 * @example
 * class Largest extends Metric<[x: Tensor], Tensor> {
 *   protected readonly names: readonly string[] = ["most"];
 *   protected override measure(x: Tensor): { most: Tensor } {
 *     return { most: x.amax() };
 *   }
 *   protected override merge(before: { most: Tensor }, batch: { most: Tensor }): { most: Tensor } {
 *     return { most: before.most.maximum(batch.most) };
 *   }
 *   protected override result({ most }: { most: Tensor }): Tensor {
 *     return most;
 *   }
 * }
 * new Largest().update(tensor([1, 5])).update(tensor([2])).compute(); // tensor(5.)
 */
export abstract class Metric<Batch extends readonly unknown[], Result> {
  /** Null until something has been seen: only a batch tells device and sizes. */
  #kept: Record<string, Tensor> | null = null;

  /** The names of what is kept. */
  protected abstract readonly names: readonly string[];
  /** What is kept of one batch. */
  protected abstract measure(...batch: Batch): Kept;
  /** What it comes to. */
  protected abstract result(kept: Kept): Result;

  /** What is kept of two batches together, or of zeros and the first one: their sum, if a subclass does not say otherwise. */
  protected merge(before: Kept, batch: Kept): Kept {
    return Object.fromEntries(this.names.map((name) => [name, before[name]!.add(batch[name]!)]));
  }

  /**
   * Takes a batch into account. Nothing is read; what has to be computed is computed with the step that the batch belongs
   * to, or at once where there is none.
   *
   * @throws What the metric's function throws for these arguments; ShapeError for another number of classes or outputs
   * than before.
   */
  update(...batch: Batch): this {
    const fresh = measured(() => this.measure(...batch))();
    const kept = this.#keptLike(fresh);
    const change = measured((): void => {
      const merged = this.merge(kept, fresh);
      for (const name of this.names) assign(kept[name]!, merged[name]!);
    });
    // A forward pass whose backward is still to come is computed with it, not twice.
    const waits = batch.some((x) => x instanceof Tensor && x.requiresGrad && !isComputed(x));
    if (waits) {
      change();
      seam(kept[this.names[0]!]!.device);
    } else transaction(change);
    return this;
  }

  /** Gives what has been seen so far. A tensor like others: it is computed when it is read, `await`ed for its numbers. */
  compute(): Result {
    const kept = this.#kept;
    if (kept === null)
      throw new DownhillError(`${this.constructor.name}.compute: nothing has been seen`, "call update(…) before it");
    return measured(() => this.result(kept))();
  }

  /** Forgets what has been seen: the next epoch begins. */
  reset(): this {
    const kept = this.#kept;
    if (kept !== null)
      transaction(
        measured((): void => {
          for (const tensor of Object.values(kept)) assign(tensor, tensor.mul(0));
        }),
      );
    return this;
  }

  /** What is kept, with the values at this moment; nothing before the first `update`. */
  stateDict(): StateDict {
    return saveState(Object.entries(this.#kept ?? {}));
  }

  /**
   * Goes on from what was kept. All is checked first: on an error nothing has changed.
   *
   * @throws DownhillError for a state dict of another metric.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    const given: unknown = state;
    const entries = given !== null && typeof given === "object" && !(given instanceof Tensor) ? given : null;
    const names = Object.keys(entries ?? { "": 0 });
    const fits = names.every((name) => this.names.includes(name) && (state[name] as unknown) instanceof Tensor);
    if (!fits || (names.length > 0 && names.length < this.names.length))
      throw new DownhillError(
        `${this.constructor.name}.loadStateDict: expects tensors ${this.names.map(show).join(", ")}, got ${entries === null ? show(given) : names.map(show).join(", ")}`,
        "pass what stateDict() returned",
      );
    if (names.length === 0) {
      this.reset();
      return;
    }
    const values = this.names.map((name) => state[name]!.detach());
    flush(...values);
    const kept = (this.#kept ??= Object.fromEntries(this.names.map((name, i) => [name, zeroState(values[i]!)])));
    this.names.forEach((name, i) => place(kept[name]!, values[i]!));
  }

  /** What is kept, made for such a batch: of its sizes, on its device. */
  #keptLike(fresh: Kept): Record<string, Tensor> {
    if (this.#kept === null)
      return (this.#kept = Object.fromEntries(this.names.map((name) => [name, zeroState(fresh[name]!)])));
    for (const name of this.names) {
      const [before, now] = [this.#kept[name]!, fresh[name]!];
      if (!sameShape(before.shape, now.shape))
        throw new ShapeError(
          `${this.constructor.name}.update: a batch of other sizes than before: ${name} is ${text(now.shape)}, and was ${text(before.shape)}`,
          "classes and outputs must be as many in each batch; pass numClasses, or make another metric",
        );
      if (before.dtype !== now.dtype || before.device !== now.device)
        replace(before, before.detach().to(now.dtype).to(now.device));
    }
    return this.#kept;
  }
}

/** Gives a variable a value, in place where that is possible: compiled functions know it. */
function place(variable: Tensor, value: Tensor): void {
  if (sameShape(variable.shape, value.shape) && variable.dtype === value.dtype && variable.device === value.device)
    transaction(() => assign(variable, value));
  else replace(variable, value);
}
