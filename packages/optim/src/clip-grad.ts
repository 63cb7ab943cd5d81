import { composite, stack, Tensor, ValueError, zeros } from "@downhill/core";
import { checkFlag, checkOptions, show, withGrad } from "@downhill/core/engine";

/** How gradients are measured. */
export interface ClipNormOptions {
  /** The p of the norm; Infinity for the greatest element. Default 2. */
  readonly normType?: number;
  /** Throw where the norm is NaN or infinite, rather than scale by it. It has to be read: await it. Default false. */
  readonly errorIfNonfinite?: boolean;
}

type Reading = ClipNormOptions & { readonly errorIfNonfinite: true };

/**
 * Computes the norm of all tensors together, as if they were one vector. Same as torch.nn.utils.get_total_norm.
 *
 * @throws ValueError for a norm that is NaN or infinite, if asked to.
 *
 * @example
 * getTotalNorm([tensor([3]), tensor([0, 4])]); // tensor(5.)
 */
export function getTotalNorm(tensors: Iterable<Tensor> | Tensor, options: Reading): Promise<Tensor>;
export function getTotalNorm(tensors: Iterable<Tensor> | Tensor, options?: ClipNormOptions): Tensor;
export function getTotalNorm(
  tensors: Iterable<Tensor> | Tensor,
  options: ClipNormOptions = {},
): Tensor | Promise<Tensor> {
  return measured("getTotalNorm", listed("getTotalNorm", tensors), options);
}

/**
 * Scales the gradients of `params`, in place, so that their norm, all together, is at most `maxNorm`; returns the norm
 * before. Nothing is read, so that a step goes on as one Program. Same as torch.nn.utils.clip_grad_norm_.
 *
 * @throws ValueError for a norm that is NaN or infinite, if asked to; the gradients are then as they were.
 *
 * @example
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * clipGradNorm([w], 1); // tensor(10.)
 * w.grad; // tensor([0.6000, 0.8000])
 */
export function clipGradNorm(params: Iterable<Tensor> | Tensor, maxNorm: number, options: Reading): Promise<Tensor>;
export function clipGradNorm(params: Iterable<Tensor> | Tensor, maxNorm: number, options?: ClipNormOptions): Tensor;
export function clipGradNorm(
  params: Iterable<Tensor> | Tensor,
  maxNorm: number,
  options: ClipNormOptions = {},
): Tensor | Promise<Tensor> {
  const where = "clipGradNorm";
  checkLimit(where, "maxNorm", maxNorm);
  const grads = gradientsOf(where, params);
  const total = measured(where, grads, options);
  const clip = (norm: Tensor): Tensor => {
    scale(grads, maxNorm, norm);
    return norm;
  };
  return total instanceof Tensor ? clip(total) : total.then(clip);
}

/**
 * Scales the gradients of `params`, in place, by maxNorm / totalNorm if that is below 1: the second half of
 * `clipGradNorm`. Same as torch.nn.utils.clip_grads_with_norm_.
 */
export function clipGradsWithNorm(params: Iterable<Tensor> | Tensor, maxNorm: number, totalNorm: Tensor): void {
  checkLimit("clipGradsWithNorm", "maxNorm", maxNorm);
  scale(gradientsOf("clipGradsWithNorm", params), maxNorm, totalNorm);
}

/**
 * Limits every element of the gradients of `params` to [-clipValue, clipValue], in place.
 * Same as torch.nn.utils.clip_grad_value_.
 *
 * @example
 * const w = tensor([3, -4], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * clipGradValue([w], 7);
 * w.grad; // tensor([ 6., -7.])
 */
export function clipGradValue(params: Iterable<Tensor> | Tensor, clipValue: number): void {
  checkLimit("clipGradValue", "clipValue", clipValue);
  const grads = gradientsOf("clipGradValue", params);
  withGrad(false, () => {
    for (const grad of grads) grad.clamp_(-clipValue, clipValue);
  });
}

function checkLimit(where: string, name: string, value: unknown): void {
  if (typeof value === "number" && value >= 0) return;
  throw new ValueError(`${where}: ${name} must be a number of 0 or more, got ${show(value)}`);
}

function listed(where: string, tensors: Iterable<Tensor> | Tensor): Tensor[] {
  const given: unknown = tensors;
  if (given instanceof Tensor) return [given];
  const list: unknown[] =
    given !== null && typeof given === "object" && Symbol.iterator in given
      ? [...(given as Iterable<unknown>)]
      : [given];
  for (const each of list)
    if (!(each instanceof Tensor))
      throw new ValueError(`${where}: expects tensors, got ${show(each)}`, "pass model.parameters()");
  return list as Tensor[];
}

const gradientsOf = (where: string, params: Iterable<Tensor> | Tensor): Tensor[] =>
  listed(where, params).flatMap((param) => param.peekGrad() ?? []);

function measured(where: string, tensors: readonly Tensor[], options: ClipNormOptions): Tensor | Promise<Tensor> {
  checkOptions(where, options, ["normType", "errorIfNonfinite"]);
  const { normType = 2, errorIfNonfinite = false } = options;
  if (typeof normType !== "number" || Number.isNaN(normType))
    throw new ValueError(`${where}: normType must be a number, got ${show(normType)}`);
  checkFlag(`${where}: errorIfNonfinite`, errorIfNonfinite);
  const total = withGrad(false, () => totalNorm(tensors, normType));
  if (!errorIfNonfinite) return total;
  return total.item().then((norm) => {
    if (Number.isFinite(norm)) return total;
    throw new ValueError(
      `${where}: the norm of order ${normType} of all gradients is ${String(norm)}`,
      "leave out errorIfNonfinite to scale by it anyway",
    );
  });
}

const totalNorm = /* @__PURE__ */ composite((tensors: readonly Tensor[], p: number): Tensor => {
  // The greatest of no elements there is not.
  const [first, ...rest] = tensors.filter(({ shape }) => !shape.includes(0));
  if (first === undefined) return zeros([]);
  const norms = [first, ...rest].map((x) => x.norm(p).to(first.device).to(first.dtype));
  return stack(norms).norm(p);
});

const clipFactor = /* @__PURE__ */ composite((maxNorm: number, norm: Tensor): Tensor => {
  // 1e-6 as in PyTorch: a norm of 0 divides nothing by 0.
  return norm.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
});

function scale(grads: readonly Tensor[], maxNorm: number, norm: Tensor): void {
  withGrad(false, () => {
    const factor = clipFactor(maxNorm, norm);
    for (const grad of grads) grad.mul_(factor.to(grad.device).to(grad.dtype));
  });
}
