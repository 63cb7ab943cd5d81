import { Generator, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { checkIndex } from "./check-index.js";
import { checkDataset, type Dataset } from "./dataset.js";
import { whenReady } from "./fetch.js";
import { sampleSeed } from "./sample-seed.js";

/**
 * Turns a sample into another one. It draws from `random`, whose seed follows from the pass and the sample's index alone:
 * neither the order nor who loads changes a result.
 */
export type Transform<In, Out> = (sample: In, random: Generator) => Out | Promise<Out>;

/**
 * Applies a function to each sample of a dataset when it is asked for. What the function draws from its second argument
 * differs from pass to pass of a loader and repeats with the loader's random numbers; `get(index)` without a seed always
 * gives the same.
 *
 * @example
 * const numbers: Dataset<number> = { length: 4, get: (i) => i };
 * const noisy = new MapDataset(numbers, (x, random) => 10 * x + random.random53());
 * noisy.get(3) === noisy.get(3); // true
 */
export class MapDataset<In, Out> implements Dataset<Out> {
  readonly dataset: Dataset<In>;
  readonly transform: Transform<In, Out>;

  constructor(dataset: Dataset<In>, transform: Transform<In, Out>) {
    checkDataset("MapDataset", dataset);
    if (typeof transform !== "function") {
      throw new ValueError(
        `MapDataset: the transform must be a function of a sample, got ${show(transform)}`,
        "new MapDataset(dataset, ([x, y]) => [x.mul(2), y]); compose(a, b) joins several",
      );
    }
    this.dataset = dataset;
    this.transform = transform;
  }

  get length(): number {
    return this.dataset.length;
  }

  /** The sample at an index, transformed. */
  get(index: number, seed = 0): Out | Promise<Out> {
    const place = checkIndex("MapDataset", index, this.length);
    const own = sampleSeed(seed, place);
    // The dataset within draws other numbers than this one.
    return whenReady<In, Out>(this.dataset.get(place, sampleSeed(seed, -1)), (sample) =>
      this.transform(sample, new Generator(own)),
    );
  }
}
