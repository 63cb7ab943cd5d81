import { defaultGenerator, Generator, ValueError } from "@downhill/core";
import { fillPermutation, show } from "@downhill/core/engine";

/** Checks a `generator` option; the default generator where it is left out. */
export function generatorOf(where: string, generator: unknown): Generator {
  if (generator === undefined || generator === null) return defaultGenerator;
  if (generator instanceof Generator) return generator;
  throw new ValueError(
    `${where}: generator must be a Generator, got ${show(generator)}`,
    "generator: new Generator(42)",
  );
}

/** Draws an order of 0 … length - 1, as torch.randperm. */
export function order(length: number, generator: Generator): Int32Array {
  const indices = new Int32Array(length);
  fillPermutation(indices, generator);
  return indices;
}
