import { grad, listOf, type Tensors } from "../autograd/grad.js";
import { fromHost } from "../creation.js";
import { isFloat, type TypedArray } from "../dtype.js";
import { checkFunction, checkOptions, DownhillError, DTypeError, GradientError, show } from "../errors.js";
import { flush } from "../program/flush.js";
import { expose } from "../program/node.js";
import { indexOf, sameShape, type Shape, sizeOf, text } from "../shape.js";
import type { Tensor } from "../tensor.js";

/** A function of tensors whose gradients are checked: pure, and with the same result at each call. */
export type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** The options of `gradcheck`. */
export interface GradcheckOptions {
  /** Step of the central difference. Default: 1e-6. */
  readonly eps?: number;
  /** Allowed difference: atol + rtol · |numeric|. Defaults: 1e-5 and 1e-3. */
  readonly atol?: number;
  readonly rtol?: number;
  /**
   * Allowed difference between two backward passes of the same graph, beyond that of sums in another order: the same
   * graph may be interpreted once and then compiled. Default: 0.
   */
  readonly nondetTol?: number;
}

/** The options of `gradgradcheck`. */
export interface GradgradcheckOptions extends GradcheckOptions {
  /** Gradients of the outputs at which to check. Default: numbers in [-1, 1], the same at each call. */
  readonly gradOutputs?: Tensors;
}

/** One entry of a Jacobian: places of an output's and of an input's element, and both derivatives. */
export interface Entry {
  readonly output: number;
  readonly outputIndex: readonly number[];
  readonly input: number;
  readonly inputIndex: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
}

/** A gradient that differs from the slope of the function; `entry` is the worst one. */
export class GradcheckError extends DownhillError {
  override name = "GradcheckError";
  readonly entry: Entry | undefined;
  constructor(message: string, entry?: Entry, hint?: string) {
    super(message, hint);
    this.entry = entry;
  }
}

const known = ["eps", "atol", "rtol", "nondetTol"];

/**
 * Compares the gradients of `fn` with central differences, for each element of each output and of each input that
 * requires gradients. Same as torch.autograd.gradcheck.
 *
 * @param inputs Tensors; those that require gradients must be float64. `fn` gets copies of them.
 * @throws GradcheckError (the promise rejects) naming the elements and both values where they differ most.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]], { dtype: "float64", requiresGrad: true });
 * await gradcheck((x) => x.exp().sum(1), x);
 */
export async function gradcheck(fn: Checked, inputs: Tensors, options: GradcheckOptions = {}): Promise<true> {
  checkFunction("gradcheck", fn);
  checkOptions("gradcheck", options, known);
  return check("gradcheck", fn, listOf("gradcheck", "inputs", inputs), options);
}

/**
 * Compares second derivatives of `fn` with central differences of its gradients. Same as torch.autograd.gradgradcheck.
 *
 * @throws GradcheckError (the promise rejects). Its outputs are the gradients of `inputs`; its inputs are `inputs`, then
 * the gradients of the outputs.
 *
 * @example
 * const x = tensor([0.5, 2], { dtype: "float64", requiresGrad: true });
 * await gradgradcheck((x) => x.log(), x);
 */
export async function gradgradcheck(fn: Checked, inputs: Tensors, options: GradgradcheckOptions = {}): Promise<true> {
  checkFunction("gradgradcheck", fn);
  checkOptions("gradgradcheck", options, [...known, "gradOutputs"]);
  const { gradOutputs, ...rest } = options;
  const given = listOf("gradgradcheck", "inputs", inputs);
  const outputs = differentiable(fn(...(await copies(given)).map((copy) => copy.make())));
  let weights: Tensor[];
  if (gradOutputs === undefined) {
    const next = numbers();
    weights = outputs.map(({ shape, dtype, device }) => {
      const data = new Float64Array(sizeOf(shape)).map(next);
      return fromHost("gradgradcheck", data, shape, dtype, { device, requiresGrad: true });
    });
  } else {
    weights = listOf("gradgradcheck", "gradOutputs", gradOutputs).map((weight) => weight.detach().requiresGrad_());
  }
  const slopes: Checked = (...all) => {
    const own = all.slice(0, given.length);
    const wanted = own.filter((input) => input.requiresGrad);
    const gradients = grad(differentiable(fn(...own)), wanted, {
      gradOutputs: all.slice(given.length),
      createGraph: true,
      allowUnused: true,
    });
    // The gradient of a step is a constant 0, without a graph: tied to an input, its own slope counts as 0.
    const tie = wanted[0]?.sum().mul(0);
    return gradients
      .filter((gradient) => gradient !== null)
      .map((gradient) => (gradient.requiresGrad || tie === undefined ? gradient : gradient.add(tie)));
  };
  return check("gradgradcheck", slopes, [...given, ...weights], rest);
}

/** The outputs whose gradients are compared: those that require any, or if none does, all: their slopes must be 0. */
function compared(result: Tensor | readonly Tensor[]): Tensor[] {
  const outputs = differentiable(result);
  return outputs.length > 0 ? outputs : [result].flat().filter((output) => isFloat(output.dtype));
}

/** The outputs that have a gradient. */
function differentiable(result: Tensor | readonly Tensor[]): Tensor[] {
  return listOf("gradcheck", "what the function returns", result).filter((output) => output.requiresGrad);
}

/** Numbers in [-1, 1] that look random and are always the same, so that a failure repeats. */
function numbers(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** An input's values, of which fresh leaves are made, perhaps with one element moved. */
interface Copy {
  readonly data: TypedArray;
  readonly requiresGrad: boolean;
  make(element?: number, step?: number): Tensor;
}

async function copies(inputs: readonly Tensor[]): Promise<Copy[]> {
  const data = await valuesOf(inputs);
  return inputs.map(({ shape, dtype, device, requiresGrad }, i) => ({
    data: data[i]!,
    requiresGrad,
    make(element = -1, step = 0) {
      const moved = data[i]!.slice();
      if (element >= 0) moved[element]! += step;
      return fromHost("gradcheck", moved, shape, dtype, { device, requiresGrad });
    },
  }));
}

/** Computes tensors in one Program and reads them. */
async function valuesOf(tensors: readonly Tensor[]): Promise<TypedArray[]> {
  for (const { node } of tensors) expose(node);
  flush(tensors.map((tensor) => tensor.node));
  return Promise.all(tensors.map((tensor) => tensor.data()));
}

async function check(where: string, fn: Checked, inputs: readonly Tensor[], options: GradcheckOptions): Promise<true> {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, nondetTol = 0 } = options;
  const wanted = inputs.flatMap((input, i) => (input.requiresGrad ? [i] : []));
  if (wanted.length === 0)
    throw new GradientError(`${where}: no input requires gradients`, "make one with { requiresGrad: true }");
  for (const i of wanted) {
    if (inputs[i]!.dtype === "float64") continue;
    throw new DTypeError(
      `${where}: input ${i} is ${inputs[i]!.dtype}, too coarse for a difference of ${eps}`,
      'make it with { dtype: "float64" }',
    );
  }
  const source = await copies(inputs);
  const analytic = await slopesOf(where, fn, source, wanted, nondetTol);

  let worst: Entry | undefined;
  let excess = 0;
  let wrong = 0;
  let total = 0;
  for (const [w, input] of wanted.entries()) {
    const { data } = source[input]!;
    for (let j = 0; j < data.length; j++) {
      const at = async (step: number): Promise<TypedArray[]> =>
        valuesOf(compared(fn(...source.map((copy, i) => (i === input ? copy.make(j, step) : copy.make())))));
      const above = await at(eps);
      const below = await at(-eps);
      for (const [output, { rows, shape }] of analytic.entries()) {
        for (let k = 0; k < rows.length; k++) {
          const slope = rows[k]![w]?.[j] ?? 0;
          const numeric = (above[output]![k]! - below[output]![k]!) / (2 * eps);
          const over = Math.abs(slope - numeric) - (atol + rtol * Math.abs(numeric));
          total++;
          if (over <= 0) continue;
          wrong++;
          // NaN is the worst.
          if (worst !== undefined && !(over > excess || Number.isNaN(over))) continue;
          excess = over;
          worst = {
            output,
            outputIndex: indexOf(k, shape),
            input,
            inputIndex: indexOf(j, inputs[input]!.shape),
            analytic: slope,
            numeric,
          };
        }
      }
    }
  }
  if (worst === undefined) return true;
  const { output, outputIndex, input, inputIndex } = worst;
  throw new GradcheckError(
    `${where}: d output ${output}${text(outputIndex)} / d input ${input}${text(inputIndex)}: analytic ${worst.analytic}, numeric ${worst.numeric}` +
      ` (${wrong} of ${total} entries differ by more than ${atol} + ${rtol} · |numeric|; this one most)`,
    worst,
  );
}

/** Per output: its shape, and per element the gradient of each wanted input, null where it does not depend on it. */
interface Slopes {
  readonly shape: Shape;
  readonly rows: readonly (readonly (TypedArray | null)[])[];
}

async function slopesOf(
  where: string,
  fn: Checked,
  source: readonly Copy[],
  wanted: readonly number[],
  nondetTol: number,
): Promise<Slopes[]> {
  const leaves = source.map((copy) => copy.make());
  const inputs = wanted.map((i) => leaves[i]!);
  const outputs = compared(fn(...leaves));
  if (outputs.length === 0) throw new GradientError(`${where}: the function returns no tensor of a float dtype`);
  const slopes: Slopes[] = [];
  for (const [output, y] of outputs.entries()) {
    const rows: (TypedArray | null)[][] = [];
    if (!y.requiresGrad) {
      slopes.push({ shape: y.shape, rows: Array.from({ length: y.numel() }, () => []) });
      continue;
    }
    for (let k = 0; k < y.numel(); k++) {
      const one = new Float64Array(y.numel());
      one[k] = 1;
      const row = async (): Promise<(TypedArray | null)[]> => {
        const gradOutputs = fromHost(where, y.dtype === "float64" ? one : Float32Array.from(one), y.shape, y.dtype, {
          device: y.device,
        });
        const found = grad([y], inputs, { gradOutputs, retainGraph: true, allowUnused: true });
        found.forEach((gradient, i) => {
          const { shape, dtype } = inputs[i]!;
          if (gradient === null || (sameShape(gradient.shape, shape) && gradient.dtype === dtype)) return;
          throw new GradcheckError(
            `${where}: the gradient of input ${wanted[i]!} is ${show(gradient)}, the input has shape ${text(shape)} and dtype ${dtype}`,
          );
        });
        const values = await valuesOf(found.filter((gradient) => gradient !== null));
        return found.map((gradient) => (gradient === null ? null : values.shift()!));
      };
      rows.push(await row());
      if (k === 0) compareRuns(where, output, rows[0]!, await row(), nondetTol);
    }
    slopes.push({ shape: y.shape, rows });
  }
  return slopes;
}

/** What the order of a sum changes in float64, of gradients near 1: some units in the last place. */
const reordered = 1e-13;

function compareRuns(
  where: string,
  output: number,
  first: readonly (TypedArray | null)[],
  second: readonly (TypedArray | null)[],
  nondetTol: number,
): void {
  first.forEach((values, i) => {
    let largest = 1;
    for (const value of values ?? []) largest = Math.max(largest, Math.abs(value));
    values?.forEach((value, j) => {
      const again = second[i]![j]!;
      if (Object.is(value, again) || Math.abs(value - again) <= nondetTol + reordered * largest) return;
      throw new GradcheckError(
        `${where}: two backward passes of output ${output} give ${value} and ${again} for the same element`,
        undefined,
        "the function must be deterministic; or pass { nondetTol }",
      );
    });
  });
}
