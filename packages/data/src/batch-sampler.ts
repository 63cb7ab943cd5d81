import { ValueError } from "@downhill/core";
import { checkCount, show } from "@downhill/core/engine";
import { lengthOf, type Sampler, type SamplerLike, toSampler } from "./sampler.js";
import { batched } from "./samplers.js";

/**
 * Gives the indices of another sampler in arrays of `batchSize`; the last, shorter one is left out if `dropLast`. Same as
 * torch.utils.data.BatchSampler.
 *
 * @example
 * [...new BatchSampler([0, 1, 2, 3, 4], 2)]; // [[0, 1], [2, 3], [4]]
 */
export class BatchSampler implements Sampler<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(sampler: SamplerLike, batchSize: number, dropLast = false) {
    this.sampler = toSampler("BatchSampler: the sampler", sampler);
    this.batchSize = checkCount("BatchSampler", "batchSize", batchSize, 1);
    if (typeof dropLast !== "boolean") {
      throw new ValueError(`BatchSampler: dropLast must be true or false, got ${show(dropLast)}`);
    }
    this.dropLast = dropLast;
  }

  get length(): number {
    const batches = lengthOf("BatchSampler", this.sampler) / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The batches of a pass. */
  [Symbol.iterator](): IterableIterator<number[]> {
    return batched(this.sampler, this.batchSize, this.dropLast);
  }
}
