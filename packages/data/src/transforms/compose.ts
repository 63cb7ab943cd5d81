import { type Generator, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** One of the functions that `compose` joins: it draws from the sample's own `random`. */
export type Step<In, Out> = (sample: In, random: Generator) => Out;

/**
 * Joins transforms into one, from left to right. All draw from the one stream of their sample. Same as
 * torchvision.transforms.Compose.
 *
 * @example
 * const { compose, randomCrop, randomHorizontalFlip, toTensor } = transforms;
 * const augment = compose(randomCrop(28, { padding: 2 }), randomHorizontalFlip(), toTensor());
 * const image = { data: new Float32Array(784), shape: [1, 28, 28] } as const;
 * augment(image, new Generator(0)).shape; // [1, 28, 28]
 */
export function compose<A, B>(a: Step<A, B>): Step<A, B>;
export function compose<A, B, C>(a: Step<A, B>, b: Step<B, C>): Step<A, C>;
export function compose<A, B, C, D>(a: Step<A, B>, b: Step<B, C>, c: Step<C, D>): Step<A, D>;
export function compose<A, B, C, D, E>(a: Step<A, B>, b: Step<B, C>, c: Step<C, D>, d: Step<D, E>): Step<A, E>;
export function compose<A>(...steps: readonly Step<A, A>[]): Step<A, A>;
export function compose(...steps: readonly Step<unknown, unknown>[]): Step<unknown, unknown> {
  steps.forEach((step: unknown, i) => {
    if (typeof step !== "function")
      throw new ValueError(`compose: argument ${i} must be a transform, got ${show(step)}`);
  });
  return (sample, random) => steps.reduce((value, step) => step(value, random), sample);
}
