import { checkOptions, DeviceError, ValueError } from "../errors.js";
import { checkCount } from "../shape.js";
import { type CheckpointParts, encodeCheckpoint, loadCheckpoint } from "./checkpoint.js";

/** The options of `new Mirror`. */
export interface MirrorOptions {
  /** Steps from one copy to the next. Default: 1. */
  readonly every?: number;
}

/** A checkpoint in the host's memory. */
interface Copy {
  readonly step: number;
  readonly bytes: Uint8Array;
}

/**
 * Keeps what a run needs to go on in the host's memory, so that it outlives its device: a GPU may be lost at any time,
 * with all that it holds. Make the parts anew on another device, and `restore` them: the run goes on after the last step
 * that was copied. Training goes on while a copy is made; it is a checkpoint that `saveCheckpoint` might have written.
 *
 * @param options `every`: how many steps to do again at most, for one copy in so many. A copy that takes longer than that
 *   leaves out the next.
 *
 * @example
 * const mirror = new Mirror({ every: 2 });
 * for (const [batch, target] of loader) {
 *   optimizer.zeroGrad();
 *   criterion.forward(model.forward(batch!), target!).backward();
 *   optimizer.step();
 *   mirror.step({ model, optimizer, loader, epoch: 0 });
 * }
 * const { epoch } = await mirror.restore({ model, optimizer, loader });
 * console.log(mirror.copied, epoch); // 2 0
 */
export class Mirror {
  readonly every: number;
  #steps = 0;
  #copy: Copy | null = null;
  #making: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: MirrorOptions = {}) {
    checkOptions("Mirror", options, ["every"]);
    this.every = checkCount("Mirror", "every", options.every ?? 1, 1);
  }

  /** The number of the step, from 1, that was copied last; 0 before the first. */
  get copied(): number {
    return this.#copy?.step ?? 0;
  }

  /**
   * Counts a step, and copies the parts as they are now if it is one of those. Call it after `optimizer.step()`.
   *
   * @param parts What `saveCheckpoint` takes.
   * @throws what went wrong with the last copy, unless that was its device.
   */
  step(parts: CheckpointParts): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    const step = ++this.#steps;
    if (step % this.every !== 0 || this.#making !== null) return;
    this.#making = encodeCheckpoint(parts)
      .then(
        (bytes) => void (this.#copy = { step, bytes }),
        (error: unknown) => void (this.#failure = error instanceof DeviceError ? null : (error as Error)),
      )
      .finally(() => (this.#making = null));
  }

  /**
   * Gives each part, and the default generator, its state after the last step that was copied; steps count on from there.
   * Returns the values that were among the parts.
   *
   * @param parts What `loadCheckpoint` takes: those of the run, made anew where they lay on a device that is lost.
   * @throws ValueError where nothing has been copied yet; what `loadCheckpoint` throws.
   */
  async restore(parts: CheckpointParts): Promise<Record<string, unknown>> {
    await this.#making;
    if (this.#copy === null)
      throw new ValueError("Mirror.restore: no step has been copied yet", "begin the run anew; copied tells");
    const { step, bytes } = this.#copy;
    const values = await loadCheckpoint(bytes, parts);
    this.#steps = step;
    return values;
  }
}
