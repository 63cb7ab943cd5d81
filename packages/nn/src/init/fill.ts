import { type Generator, noGrad, ShapeError, type Tensor, type TypedArray } from "@downhill/core";
import { checkFloat, checkOptions, DownhillError, text } from "@downhill/core/engine";

/** What all initialisers that draw take. */
export interface InitOptions {
  /** Where the numbers come from; the default generator, which `manualSeed` restarts, if left out. */
  readonly generator?: Generator;
}

/** What random functions of core take so that their numbers fit a tensor. */
export interface Placed {
  readonly dtype: Tensor["dtype"];
  readonly device: Tensor["device"];
  readonly generator?: Generator;
}

/** Checks a tensor to fill and the options, and says how to draw for it. */
export function checkFill(where: string, x: Tensor, options: InitOptions, known: readonly string[] = []): Placed {
  checkFloat(where, x);
  checkOptions(where, options, ["generator", ...known]);
  const placed = { dtype: x.dtype, device: x.device };
  return options.generator === undefined ? placed : { ...placed, generator: options.generator };
}

/** Gives a tensor other values, which no gradient sees. */
export function fillWith(x: Tensor, values: Tensor): Tensor {
  return noGrad(() => x.copy_(values));
}

/** The numbers of a tensor that was drawn on the CPU. */
export function hostValues(where: string, x: Tensor): TypedArray {
  const data = x.read(where);
  if (data instanceof Promise) throw new DownhillError(`${where}: numbers are drawn on the host`);
  return data;
}

/** How many inputs reach a weight's output, and how many outputs its input reaches: [out, in, …kernel]. */
export function fans(where: string, x: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = x.shape;
  if (outputs === undefined || inputs === undefined)
    throw new ShapeError(`${where}: needs a weight of 2 dims or more, got shape ${text(x.shape)}`);
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}
