import type { Tensor } from "@downhill/core";
import { refused } from "./recorded-value.js";
import type { InputForm } from "./recording.js";
import type { Probe } from "./varying.js";

/** A dim of an input that is dynamic, and the name of its size. */
export interface AxisPlace {
  readonly input: number;
  readonly dim: number;
  readonly axis: string;
}

/** Whether a number has no divisors: sizes that are primes are mistaken for no others, and are divided by none. */
function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

/**
 * The sizes at which a model is recorded to see what depends on them: for each axis three primes larger than the example's
 * own size, none of which is another axis's. First all axes at their first one, then each alone at its others.
 */
export function probesFor(
  inputs: readonly Tensor[],
  axes: readonly AxisPlace[],
): { probes: readonly Probe[]; forms: readonly (readonly InputForm[])[] } {
  let prime = Math.max(10, ...axes.map(({ input, dim }) => inputs[input]!.shape[dim]!));
  const next = (): number => {
    do prime++;
    while (!isPrime(prime));
    return prime;
  };
  const probes = [...new Set(axes.map(({ axis }) => axis))].map((axis): Probe => ({
    axis,
    sizes: [next(), next(), next()],
  }));
  if (prime > 2 ** 20) throw refused("the example is too large: a size of a dynamic axis is above a million");
  const base = new Map(probes.map(({ axis, sizes }) => [axis, sizes[0]]));
  const formsAt = (sizes: ReadonlyMap<string, number>): InputForm[] =>
    inputs.map(({ shape, dtype, device }, i) => {
      const changed = shape.slice();
      for (const { input, dim, axis } of axes) if (input === i) changed[dim] = sizes.get(axis)!;
      return { shape: changed, dtype, device };
    });
  const others = probes.flatMap(({ axis, sizes }) =>
    [sizes[1], sizes[2]].map((size) => formsAt(new Map(base).set(axis, size))),
  );
  return { probes, forms: [formsAt(base), ...others] };
}
