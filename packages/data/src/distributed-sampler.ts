import { Generator, ValueError } from "@downhill/core";
import { checkCount, checkFlag, checkOptions } from "@downhill/core/engine";
import { order } from "./draw.js";
import { checkSized, type Sampler, type Sized } from "./sampler.js";

/** The options of `DistributedSampler`. */
export interface DistributedSamplerOptions {
  /** How many processes share the dataset. */
  readonly numReplicas: number;
  /** Which of them this one is, from 0. */
  readonly rank: number;
  /** Whether each epoch has a new random order. Default: true. */
  readonly shuffle?: boolean;
  /** What the order follows from, with the epoch; the same in all processes. Default: 0. */
  readonly seed?: number;
  /** Whether to leave out the samples that do not divide, rather than repeat the first ones. Default: false. */
  readonly dropLast?: boolean;
}

/**
 * Gives each of several processes (workers, machines) its own part of a dataset's indices, all of one length. Same as
 * torch.utils.data.distributed.DistributedSampler, number for number. Call `setEpoch` before each epoch: without it every
 * pass has the same order.
 *
 * @example
 * const [a, b] = [0, 1].map((rank) => new DistributedSampler(dataset, { numReplicas: 2, rank, shuffle: false }));
 * console.log([...a!], [...b!]); // [0, 2, 4] [1, 3, 0]
 */
export class DistributedSampler implements Sampler {
  readonly dataset: Sized;
  readonly numReplicas: number;
  readonly rank: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  /** Set by `setEpoch`. */
  epoch = 0;

  constructor(dataset: Sized, options: DistributedSamplerOptions) {
    const where = "DistributedSampler";
    checkOptions(where, options, ["numReplicas", "rank", "shuffle", "seed", "dropLast"]);
    const { shuffle = true, seed = 0, dropLast = false } = options;
    this.dataset = checkSized(where, dataset);
    this.numReplicas = checkCount(where, "numReplicas", options.numReplicas, 1);
    this.rank = checkCount(where, "rank", options.rank, 0);
    if (this.rank >= this.numReplicas) {
      throw new ValueError(`${where}: rank must be from 0 to ${this.numReplicas - 1}, got ${this.rank}`);
    }
    checkFlag(`${where}: shuffle`, shuffle);
    checkFlag(`${where}: dropLast`, dropLast);
    this.shuffle = shuffle;
    this.seed = checkCount(where, "seed", seed, 0);
    this.dropLast = dropLast;
  }

  /** Indices in a pass of one process. */
  get length(): number {
    const { length } = this.dataset;
    return this.dropLast ? Math.floor(length / this.numReplicas) : Math.ceil(length / this.numReplicas);
  }

  /** Says which epoch begins; the order follows from `seed` + `epoch`. */
  setEpoch(epoch: number): void {
    this.epoch = checkCount("DistributedSampler", "epoch", epoch, 0);
  }

  /** The indices of a pass. */
  *[Symbol.iterator](): IterableIterator<number> {
    const { length } = this.dataset;
    const places = this.shuffle ? order(length, new Generator(this.seed + this.epoch)) : null;
    for (let i = 0; i < this.length; i++) {
      const place = (this.rank + i * this.numReplicas) % length; // past the end it begins again
      yield places === null ? place : places[place]!;
    }
  }
}
