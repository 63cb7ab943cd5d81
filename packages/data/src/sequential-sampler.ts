import { checkSized, type Sampler, type Sized } from "./sampler.js";
import { sequential } from "./samplers.js";

/** Gives the indices of a dataset in order. Same as torch.utils.data.SequentialSampler. */
export class SequentialSampler implements Sampler {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    this.dataSource = checkSized("SequentialSampler", dataSource);
  }

  get length(): number {
    return this.dataSource.length;
  }

  /** The indices of a pass. */
  [Symbol.iterator](): IterableIterator<number> {
    return sequential(this.length);
  }
}
