import { DTypeError, ShapeError, Tensor, ValueError } from "@downhill/core";
import { sameShape, show, text } from "@downhill/core/engine";

/** Tensors that are updated with the same settings. `G` is what the optimizer can be told per group. */
export type ParamGroup<G> = G & {
  params: Tensor[];
  /** The rate that schedulers start from; they set it. */
  initialLr?: number;
};

/** A group as callers write it: its tensors, and what differs from the optimizer's settings. */
export type ParamGroupInput<G> = Partial<G> & {
  readonly params: Iterable<Tensor> | Tensor;
  readonly initialLr?: number;
};

/** Tensors to update, or groups of them. */
export type Params<G> = Iterable<Tensor> | Iterable<ParamGroupInput<G>>;

/** Settings are numbers, booleans and short arrays of them: a copy that shares none of the arrays. */
export function copySettings(settings: object): Record<string, unknown> {
  const entries = Object.entries(settings) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? (value as unknown[]).slice() : value]),
  );
}

/** The defaults, and in their place what the caller has set. */
export function mergeSettings<G extends object>(defaults: Readonly<G>, settings: Partial<G>): G {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return copySettings({ ...defaults, ...Object.fromEntries(set) }) as G;
}

/** Takes a group as callers write it apart into a list of tensors and settings. */
export function tensorsOf<G>(
  where: string,
  input: ParamGroupInput<G>,
): Omit<ParamGroupInput<G>, "params"> & { params: Tensor[] } {
  const params: unknown = (input as ParamGroupInput<G> | null | undefined)?.params;
  if (
    input instanceof Tensor ||
    params === null ||
    typeof params !== "object" ||
    !(params instanceof Tensor || Symbol.iterator in params)
  ) {
    throw new ValueError(
      `${where}: a group must be an object whose params are tensors, got ${show(input)}`,
      "write { params: [w], lr: 0.1 }; a list holds either tensors or groups",
    );
  }
  return { ...input, params: params instanceof Tensor ? [params] : [...(params as Iterable<Tensor>)] };
}

/** Checks the tensors of a new group: leaves, each once in all groups. */
export function checkTensors(where: string, tensors: readonly unknown[], groups: readonly ParamGroup<object>[]): void {
  const known = new Set<unknown>(groups.flatMap((group) => group.params));
  tensors.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) {
      throw new ValueError(`${where}: can only update tensors, got ${show(tensor)} at place ${i} of the group`);
    }
    if (!tensor.isLeaf) {
      throw new ValueError(
        `${where}: can only update leaves; the tensor of shape ${text(tensor.shape)} at place ${i} of the group is computed from others`,
        "pass x.detach().requiresGrad_(), and compute with that",
      );
    }
    if (known.has(tensor)) {
      throw new ValueError(
        `${where}: the tensor of shape ${text(tensor.shape)} at place ${i} of the group stands in the groups already`,
        "give each tensor to one group, once",
      );
    }
    known.add(tensor);
  });
}

/** Checks a gradient before it is used: `.grad` may have been set by hand. */
export function checkGradient(owner: object, param: Tensor, grad: Tensor): void {
  if (!sameShape(param.shape, grad.shape)) {
    throw new ShapeError(
      `${owner.constructor.name}.step: .grad has shape ${text(grad.shape)}, its tensor ${text(param.shape)}`,
    );
  }
  if (param.dtype !== grad.dtype) {
    throw new DTypeError(
      `${owner.constructor.name}.step: .grad is ${grad.dtype}, its tensor ${param.dtype}`,
      "convert it: w.grad = w.grad.to(w.dtype)",
    );
  }
}

/** Throws for the options of PyTorch's that choose an implementation. */
export function checkImplementation(where: string, options: object | undefined | null): void {
  for (const name of ["foreach", "fused", "capturable", "differentiable"]) {
    if (options && Object.hasOwn(options, name)) {
      throw new ValueError(
        `${where}: unknown option ${show(name)}`,
        "in PyTorch it chooses an implementation; here every step is one Program: leave it out",
      );
    }
  }
}
