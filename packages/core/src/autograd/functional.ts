import { zeros, zerosLike } from "../creation.js";
import { isFloat } from "../dtype.js";
import { checkFunction, checkOptions, DTypeError, GradientError, ShapeError } from "../errors.js";
import { stack } from "../ops/joining.js";
import { toExpanded, toShape, unslice } from "../ops/view.js";
import { outside } from "../program/scope.js";
import { sameShape, text } from "../shape.js";
import { composite, scalar, type Tensor } from "../tensor.js";
import { grad, listOf, type Tensors } from "./grad.js";
import { withGrad } from "./mode.js";

// Derivatives of functions of tensors, as torch.autograd.functional has them.

/** The options of `jacobian`, `hessian` and their relatives. */
export interface FunctionalOptions {
  /** Record the result too, so that it can be differentiated. Default: false. */
  readonly createGraph?: boolean;
}

/** A function of tensors to differentiate; it is called once, with copies of the inputs that require gradients. */
type Fn<R> = (...inputs: Tensor[]) => R;

/** The form in which something was given: one tensor for one, a list for a list. */
type Form = <T>(list: readonly T[]) => T | readonly T[];
const formOf =
  (given: unknown): Form =>
  (list) =>
    Array.isArray(given) ? list : list[0]!;

interface Call {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly inputForm: Form;
  readonly outputForm: Form;
  readonly createGraph: boolean;
}

function call(where: string, fn: Fn<unknown>, given: Tensors, options: FunctionalOptions): Call {
  checkFunction(where, fn, `write ${where}((x) => …, x)`);
  checkOptions(where, options, ["createGraph"]);
  const { createGraph = false } = options;
  const inputs = listOf(where, "inputs", given).map((input, i) => {
    if (!isFloat(input.dtype))
      throw new DTypeError(`${where}: input ${i} is ${input.dtype}`, "only float tensors have gradients");
    return createGraph && input.requiresGrad ? input.clone() : input.detach().requiresGrad_();
  });
  const result = withGrad(true, () => outside(() => fn(...inputs)));
  const outputs = listOf(where, "what the function returns", result);
  return { inputs, outputs, inputForm: formOf(given), outputForm: formOf(result), createGraph };
}

/** The gradients of `inputs`, zeros for those that no output depends on. */
function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  weights: readonly (Tensor | null)[],
  createGraph: boolean,
): Tensor[] {
  const used = [...outputs.keys()].filter((i) => outputs[i]!.requiresGrad);
  if (used.length === 0) return inputs.map((input) => zerosLike(input));
  const gradOutputs = used.map((i) => weights[i]!);
  return grad(
    used.map((i) => outputs[i]!),
    inputs,
    { gradOutputs, createGraph, retainGraph: true, materializeGrads: true },
  );
}

/** Checks one tensor per tensor, of the same shapes; for a single element `v` may be left out. */
function directions(
  where: string,
  v: Tensors | null | undefined,
  like: readonly Tensor[],
  what: string,
): (Tensor | null)[] {
  if (v === null || v === undefined) {
    if (like.length === 1 && like[0]!.numel() === 1) return [null];
    throw new GradientError(
      `${where}: v may be left out only for one ${what} of one element`,
      `pass a tensor of the shape of each ${what}`,
    );
  }
  const list = listOf(where, "v", v);
  if (list.length !== like.length)
    throw new GradientError(`${where}: v has ${list.length} tensors, one is needed per ${what}, so ${like.length}`);
  list.forEach((tensor, i) => {
    if (sameShape(tensor.shape, like[i]!.shape)) return;
    throw new ShapeError(`${where}: v ${i} has shape ${text(tensor.shape)}, ${what} ${i} has ${text(like[i]!.shape)}`);
  });
  return [...list];
}

/** What the function returned, without its graph unless that was asked for. */
const results = ({ outputs, outputForm, createGraph }: Call): Tensor | readonly Tensor[] =>
  outputForm(createGraph ? outputs : outputs.map((output) => output.detach()));

/** d output / d input for each input, of shape [...output.shape, ...input.shape]: one backward pass per element. */
function rowsOf(output: Tensor, inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const size = output.numel();
  const shapeOf = (input: Tensor): readonly number[] => [...output.shape, ...input.shape];
  if (size === 0) return inputs.map((input) => zeros(shapeOf(input), { dtype: input.dtype, device: input.device }));
  const one = toExpanded(scalar(1, output.dtype, output.device), [1]);
  const rows = Array.from({ length: size }, (_, k) => {
    const weight = unslice(one, 0, scalar(k, "int32", output.device), size);
    return gradients([output], inputs, [toShape(weight, output.shape)], createGraph);
  });
  return inputs.map((input, i) => stack(rows.map((row) => row[i]!)).reshape(shapeOf(input)));
}

interface Jacobian {
  (fn: Fn<Tensor>, inputs: Tensor, options?: FunctionalOptions): Tensor;
  (fn: Fn<Tensor>, inputs: readonly Tensor[], options?: FunctionalOptions): Tensor[];
  (fn: Fn<readonly Tensor[]>, inputs: Tensor, options?: FunctionalOptions): Tensor[];
  (fn: Fn<readonly Tensor[]>, inputs: readonly Tensor[], options?: FunctionalOptions): Tensor[][];
}

/**
 * Computes all derivatives of `fn`'s outputs by its inputs, of shape [...output.shape, ...input.shape]. For several
 * inputs an array over them; for several outputs an array over those, of such. Inputs that do not matter give zeros.
 * Same as torch.autograd.functional.jacobian.
 *
 * @example
 * jacobian((x) => x.mul(x), tensor([1, 2])); // tensor([[2., 0.], [0., 4.]])
 */
export const jacobian: Jacobian = composite((fn: Fn<Tensors>, inputs: Tensors, options: FunctionalOptions = {}) => {
  const made = call("jacobian", fn, inputs, options);
  return made.outputForm(made.outputs.map((output) => made.inputForm(rowsOf(output, made.inputs, made.createGraph))));
}) as Jacobian;

interface Hessian {
  (fn: Fn<Tensor>, inputs: Tensor, options?: FunctionalOptions): Tensor;
  (fn: Fn<Tensor>, inputs: readonly Tensor[], options?: FunctionalOptions): Tensor[][];
}

/** The one element that a function gives whose second derivatives are asked for. */
function single(where: string, { outputs }: Call): Tensor {
  if (outputs.length === 1 && outputs[0]!.numel() === 1) return outputs[0]!;
  const shapes = outputs.map(({ shape }) => text(shape)).join(", ");
  throw new GradientError(
    `${where}: the function must return one tensor of one element, got ${shapes || "none"}`,
    "reduce what it returns: x.sum()",
  );
}

/**
 * Computes the second derivatives of `fn`, which returns one element: shape [...input.shape, ...input.shape], or for
 * several inputs an array of arrays, one block per pair. Same as torch.autograd.functional.hessian.
 *
 * @example
 * hessian((x) => x.pow(3).sum(), tensor([1, 2])); // tensor([[ 6., 0.], [ 0., 12.]])
 */
export const hessian: Hessian = composite((fn: Fn<Tensor>, inputs: Tensors, options: FunctionalOptions = {}) => {
  const made = call("hessian", fn, inputs, options);
  const slopes = gradients([single("hessian", made)], made.inputs, [null], true);
  return made.inputForm(slopes.map((slope) => made.inputForm(rowsOf(slope, made.inputs, made.createGraph))));
}) as Hessian;

interface AlongInputs {
  (fn: Fn<Tensor>, inputs: Tensor, v?: Tensor | null, options?: FunctionalOptions): [output: Tensor, product: Tensor];
  (
    fn: Fn<Tensor>,
    inputs: readonly Tensor[],
    v: readonly Tensor[],
    options?: FunctionalOptions,
  ): [output: Tensor, product: Tensor[]];
}

/**
 * Computes the product of the Hessian of `fn`, which returns one element, and `v`, of the shapes of the inputs, without
 * the Hessian itself: [output, product]. Takes the Hessian to be symmetric, as it is where second derivatives are
 * continuous. Same as torch.autograd.functional.hvp.
 *
 * @example
 * const [y, Hv] = hvp((x) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 0])); // tensor(9.), tensor([6., 0.])
 */
export const hvp: AlongInputs = composite(
  (fn: Fn<Tensor>, inputs: Tensors, v?: Tensors | null, options: FunctionalOptions = {}) => {
    const made = call("hvp", fn, inputs, options);
    const weights = directions("hvp", v, made.inputs, "input");
    const slopes = gradients([single("hvp", made)], made.inputs, [null], true);
    return [results(made), made.inputForm(gradients(slopes, made.inputs, weights, made.createGraph))];
  },
) as AlongInputs;

interface AlongOutputs {
  (fn: Fn<Tensor>, inputs: Tensor, v?: Tensor | null, options?: FunctionalOptions): [output: Tensor, product: Tensor];
  (
    fn: Fn<Tensor>,
    inputs: readonly Tensor[],
    v?: Tensor | null,
    options?: FunctionalOptions,
  ): [output: Tensor, product: Tensor[]];
  (
    fn: Fn<readonly Tensor[]>,
    inputs: Tensor,
    v: readonly Tensor[],
    options?: FunctionalOptions,
  ): [outputs: Tensor[], product: Tensor];
  (
    fn: Fn<readonly Tensor[]>,
    inputs: readonly Tensor[],
    v: readonly Tensor[],
    options?: FunctionalOptions,
  ): [outputs: Tensor[], product: Tensor[]];
}

/**
 * Computes the product of `v`, of the shapes of the outputs, and the Jacobian of `fn`, in one backward pass:
 * [outputs, product]. Same as torch.autograd.functional.vjp.
 *
 * @example
 * const [y, vJ] = vjp((x) => x.exp(), tensor([0, 1]), tensor([1, 2])); // vJ is v · eˣ
 */
export const vjp: AlongOutputs = composite(
  (fn: Fn<Tensors>, inputs: Tensors, v?: Tensors | null, options: FunctionalOptions = {}) => {
    const made = call("vjp", fn, inputs, options);
    const weights = directions("vjp", v, made.outputs, "output");
    return [results(made), made.inputForm(gradients(made.outputs, made.inputs, weights, made.createGraph))];
  },
) as AlongOutputs;

interface Forward extends AlongInputs {
  (
    fn: Fn<readonly Tensor[]>,
    inputs: Tensor,
    v?: Tensor | null,
    options?: FunctionalOptions,
  ): [outputs: Tensor[], product: Tensor[]];
  (
    fn: Fn<readonly Tensor[]>,
    inputs: readonly Tensor[],
    v: readonly Tensor[],
    options?: FunctionalOptions,
  ): [outputs: Tensor[], product: Tensor[]];
}

/**
 * Computes the product of the Jacobian of `fn` and `v`, of the shapes of the inputs: [outputs, product], how the outputs
 * change as the inputs move along v. By differentiating vᵀJ, which is linear in v, once more.
 * Same as torch.autograd.functional.jvp.
 *
 * @example
 * const [y, Jv] = jvp((x) => x.sum(), tensor([1, 2]), tensor([1, 10])); // tensor(3.), tensor(11.)
 */
export const jvp: Forward = composite(
  (fn: Fn<Tensors>, inputs: Tensors, v?: Tensors | null, options: FunctionalOptions = {}) => {
    const made = call("jvp", fn, inputs, options);
    const weights = directions("jvp", v, made.inputs, "input");
    const probes = made.outputs.map((output) => zerosLike(output, { requiresGrad: true }));
    const products = gradients(made.outputs, made.inputs, probes, true);
    return [results(made), made.outputForm(gradients(products, probes, weights, made.createGraph))];
  },
) as Forward;
