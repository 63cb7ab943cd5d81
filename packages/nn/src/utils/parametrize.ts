import { DownhillError, noGrad, ShapeError, Tensor } from "@downhill/core";
import { checkFlag, checkOptions, sameShape, show, text } from "@downhill/core/engine";
import { Module } from "../module.js";
import { ModuleDict } from "../module-dict.js";
import { ModuleList } from "../module-list.js";
import { Parameter } from "../parameter.js";

/**
 * A module that computes a parameter or buffer from what is learned in its place. `rightInverse`, if there is one, gives
 * what is learned for a value: one tensor, or several that `forward` takes.
 */
export interface Parametrization extends Module {
  forward(...originals: Tensor[]): Tensor;
  rightInverse?(value: Tensor): Tensor | Tensor[];
}

/** Values that `cached` has computed; null outside of it. */
let cache: Map<ParametrizationList, Tensor> | null = null;

/** What is learned in the place of one tensor (`original`, or `original0`, `original1`, …), and what computes it. */
export class ParametrizationList extends ModuleList<Parametrization> {
  /** How many tensors are learned; null for one, which is called `original`. */
  readonly count: number | null;
  readonly unsafe: boolean;

  /** @internal */
  constructor(modules: Iterable<Parametrization>, value: Tensor, unsafe: boolean) {
    super(modules);
    this.unsafe = unsafe;
    const originals = noGrad(() => this.inverted(value));
    this.count = Array.isArray(originals) ? originals.length : null;
    for (const [name, original] of this.named(originals)) {
      if (!(value instanceof Parameter)) this.registerBuffer(name, original);
      else if (original instanceof Parameter)
        this.registerParameter(name, original); // optimizers may know it
      else this.registerParameter(name, new Parameter(original.detach(), { requiresGrad: value.requiresGrad }));
    }
  }

  private named(originals: Tensor | Tensor[]): [string, Tensor][] {
    return Array.isArray(originals)
      ? originals.map((original, i) => [`original${i}`, original])
      : [["original", originals]];
  }

  /** What must be learned for a value, through all parametrizations from the last to the first. */
  private inverted(value: Tensor): Tensor | Tensor[] {
    let found: Tensor | Tensor[] = value;
    for (const module of [...this].reverse()) {
      if (module.rightInverse === undefined) continue;
      if (Array.isArray(found))
        throw new DownhillError(
          `${module.constructor.name}: several tensors can only be learned by the first parametrization`,
        );
      found = module.rightInverse(found);
    }
    return found;
  }

  /** The tensors that are learned. */
  get originals(): Tensor[] {
    const names = this.count === null ? ["original"] : Array.from({ length: this.count }, (_, i) => `original${i}`);
    return names.map((name) => (this as unknown as Record<string, Tensor>)[name]!);
  }

  /** Changes what is learned so that the value becomes this one. */
  assign(value: Tensor): void {
    const { originals } = this;
    for (const module of this) {
      if (module.rightInverse === undefined)
        throw new DownhillError(
          `${module.constructor.name}: cannot assign to a parametrized tensor: it has no rightInverse`,
          "define one, or change parametrizations.….original",
        );
    }
    noGrad(() => {
      for (const [i, [, fresh]] of this.named(this.inverted(value)).entries()) originals[i]!.copy_(fresh);
    });
  }

  override forward(): Tensor {
    const [first, ...rest] = this;
    let x = first!.forward(...this.originals);
    for (const module of rest) x = module.forward(x);
    return x;
  }
}

const listOf = (module: Module, name: string): ParametrizationList | undefined => {
  const { parametrizations } = module as { parametrizations?: unknown };
  if (!(parametrizations instanceof ModuleDict) || !parametrizations.has(name)) return undefined;
  return parametrizations.get(name) as ParametrizationList;
};

/**
 * Says whether a module's tensor, or any of them, is parametrized. Same as torch.nn.utils.parametrize.is_parametrized.
 */
export function isParametrized(module: Module, tensorName?: string): boolean {
  if (tensorName !== undefined) return listOf(module, tensorName) !== undefined;
  return (module as { parametrizations?: unknown }).parametrizations instanceof ModuleDict;
}

/** Reads a parametrized tensor: computes it, or takes what `cached` has. */
function read(list: ParametrizationList): Tensor {
  const known = cache?.get(list);
  if (known !== undefined) return known;
  const value = list.forward();
  cache?.set(list, value);
  return value;
}

/** Makes the module one of a class that says what it is, as PyTorch does. */
function ownClass(module: Module): void {
  const parent = module.constructor as new () => Module;
  const name = `Parametrized${parent.name}`;
  const { [name]: derived } = {
    [name]: class extends parent {
      declare forward: Module["forward"];
    },
  };
  Object.setPrototypeOf(module, (derived as { prototype: object }).prototype);
}

function checkTensorOf(where: string, module: Module, name: string): Tensor {
  const value = Object.hasOwn(module, name) ? (module as unknown as Record<string, unknown>)[name] : undefined;
  const buffers = new Map(module.namedBuffers("", false));
  if (value instanceof Parameter || (value instanceof Tensor && buffers.has(name))) return value;
  throw new DownhillError(`${where}: ${module.constructor.name} has no parameter or buffer ${show(name)}`);
}

function checkKept(name: string, before: Tensor, after: unknown): void {
  if (!(after instanceof Tensor))
    throw new DownhillError(`registerParametrization: a parametrization must give a tensor, got ${show(after)}`);
  if (sameShape(before.shape, after.shape) && before.dtype === after.dtype) return;
  throw new ShapeError(
    `registerParametrization: ${show(name)} is ${before.dtype} ${text(before.shape)}, and would become ${after.dtype} ${text(after.shape)}`,
    "pass { unsafe: true } if the module takes that",
  );
}

/**
 * Has a parameter or buffer of a module computed by another module from what is learned in its place, at each use. What is
 * learned is `module.parametrizations[tensorName].original`; several parametrizations are applied one after another. Same as
 * torch.nn.utils.parametrize.register_parametrization.
 *
 * @param options `unsafe` (default false): the computed tensor may have another shape or dtype.
 * @throws DownhillError for a name that is no parameter or buffer; ShapeError for another shape or dtype.
 *
 * @example
 * class Symmetric extends Module {
 *   override forward(x: Tensor): Tensor {
 *     return x.triu().add(x.triu(1).transpose(-2, -1));
 *   }
 * }
 * const layer = utils.parametrize.registerParametrization(new Linear(3, 3), "weight", new Symmetric());
 * layer.weight.sub(layer.weight.t()).abs().sum().detach(); // tensor(0.)
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options: { readonly unsafe?: boolean } = {},
): M {
  const where = "registerParametrization";
  checkOptions(where, options, ["unsafe"]);
  checkFlag(`${where}: unsafe`, options.unsafe);
  const unsafe = options.unsafe ?? false;
  if (!(module instanceof Module)) throw new DownhillError(`${where}: expects a module, got ${show(module)}`);
  if (!(parametrization instanceof Module))
    throw new DownhillError(`${where}: a parametrization must be a module, got ${show(parametrization)}`);
  const target = module as Module;
  parametrization.train(target.training);
  const present = listOf(target, tensorName);
  if (present !== undefined) {
    const before = read(present);
    if (!unsafe)
      checkKept(
        tensorName,
        before,
        noGrad(() => parametrization.forward(before)),
      );
    present.append(parametrization);
    return module;
  }
  const value = checkTensorOf(where, target, tensorName);
  const list = new ParametrizationList([parametrization], value, unsafe);
  list.train(target.training);
  if (!unsafe)
    checkKept(
      tensorName,
      value,
      noGrad(() => list.forward()),
    );
  if (!isParametrized(target)) {
    ownClass(target);
    target.registerModule("parametrizations", new ModuleDict());
  }
  (target as Module & { parametrizations: ModuleDict }).parametrizations.set(tensorName, list);
  target.forget(tensorName);
  Object.defineProperty(target, tensorName, {
    configurable: true,
    // Through `this`: a clone has parametrizations of its own.
    get(this: Module) {
      return read(listOf(this, tensorName)!);
    },
    set(this: Module, fresh: Tensor) {
      listOf(this, tensorName)!.assign(fresh);
    },
  });
  return module;
}

/**
 * Takes a tensor's parametrizations away. The tensor keeps the value that they compute, or with
 * `leaveParametrized: false` that of what was learned. Same as torch.nn.utils.parametrize.remove_parametrizations.
 *
 * @throws DownhillError for a tensor that is not parametrized, and where several tensors were learned, so that none can be
 * left.
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  options: { readonly leaveParametrized?: boolean } = {},
): M {
  const where = "removeParametrizations";
  checkOptions(where, options, ["leaveParametrized"]);
  checkFlag(`${where}: leaveParametrized`, options.leaveParametrized);
  const leave = options.leaveParametrized ?? true;
  const target = module as Module as Module & { parametrizations: ModuleDict };
  const list = listOf(target, tensorName);
  if (list === undefined)
    throw new DownhillError(`${where}: ${module.constructor.name} has no parametrization of ${show(tensorName)}`);
  if (!leave && list.count !== null)
    throw new DownhillError(`${where}: ${list.count} tensors were learned: none of them can be left in its place`);
  const [original] = list.originals as [Tensor];
  let value: Tensor = original;
  if (leave) {
    const computed = noGrad(() => read(list)).detach();
    if (list.count === null && sameShape(computed.shape, original.shape) && computed.dtype === original.dtype)
      noGrad(() => original.copy_(computed)); // optimizers that know it go on
    else
      value =
        original instanceof Parameter ? new Parameter(computed, { requiresGrad: original.requiresGrad }) : computed;
  }
  target.parametrizations.pop(tensorName);
  target.forget(tensorName);
  if (target.parametrizations.size === 0) {
    Reflect.deleteProperty(target, "parametrizations");
    Object.setPrototypeOf(target, Object.getPrototypeOf(Object.getPrototypeOf(target)) as object);
  }
  if (value instanceof Parameter) target.registerParameter(tensorName, value);
  else target.registerBuffer(tensorName, value);
  return module;
}

/**
 * Runs a function in which each parametrized tensor is computed once, however often it is used. Same as
 * torch.nn.utils.parametrize.cached.
 */
export function cached<T>(fn: () => T): T {
  const outer = cache;
  cache = new Map();
  try {
    return fn();
  } finally {
    cache = outer;
  }
}
