import { type Device, type DType, type Removable, Tensor } from "@downhill/core";
import { DownhillError, enter, exposeAll, leave, outside, replace, seam, show } from "@downhill/core/engine";
import { loadState, type LoadReport, type StateDict } from "./state-dict.js";
import { Parameter } from "./parameter.js";

/** Sees a module's arguments before `forward`, and may return others in an array. */
export type ForwardPreHook<M extends Module = Module> = (module: M, args: readonly unknown[]) => readonly unknown[] | undefined | void;
/** Sees a module's arguments and its result, and may return another result. */
export type ForwardHook<M extends Module = Module> = (module: M, args: readonly unknown[], output: unknown) => unknown;

type Forward = (...args: unknown[]) => unknown;

/**
 * The base of layers and models. A subclass makes its Parameters and child modules properties and defines `forward`;
 * calling `forward` runs it as one scope, with its hooks. What it records and does not return is internal: fused away
 * (see `keep` of core).
 *
 * @example
 * class Net extends Module {
 *   first = new Linear(2, 8);
 *   second = new Linear(8, 1);
 *   override forward(x: Tensor): Tensor {
 *     return this.second.forward(this.first.forward(x).relu());
 *   }
 * }
 */
export abstract class Module {
  /** Whether the module is training; `train()` and `eval()` set it for all children too. */
  training = true;
  /** Names of the properties that are buffers, and whether `stateDict` holds them. */
  readonly #buffers = new Map<string, boolean>();
  #preHooks: ForwardPreHook[] | null = null;
  #hooks: ForwardHook[] | null = null;

  constructor() {
    // A subclass's forward is reached through this property, so that scope and hooks hold however it is defined.
    const forward = this.forward as Forward | undefined;
    if (forward === undefined) return; // an arrow function as a class field comes later and runs without a scope
    Object.defineProperty(this, "forward", {
      value: (...args: unknown[]) => this.#call(forward, args),
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  /** Computes the module's output. Defined by subclasses. */
  abstract forward(...args: never[]): unknown;

  #call(forward: Forward, args: readonly unknown[]): unknown {
    if (this.#preHooks !== null) {
      for (const hook of this.#preHooks.slice()) {
        const changed = outside(() => hook(this, args));
        if (changed !== undefined) args = changed;
      }
    }
    const outer = enter();
    let result: unknown;
    try {
      result = forward.apply(this, args as unknown[]);
    } finally {
      leave(outer);
    }
    if (outer === 0) exposeAll(result);
    if (this.#hooks !== null) {
      for (const hook of this.#hooks.slice()) {
        exposeAll(result); // the hook's code may look at it
        const changed = outside(() => hook(this, args, result));
        if (changed !== undefined) result = changed;
      }
    }
    if (outer === 0 && result instanceof Tensor && !result.requiresGrad) seam(result.device);
    return result;
  }

  /** Calls `hook` before each `forward`. Same as register_forward_pre_hook. */
  registerForwardPreHook(hook: ForwardPreHook): Removable {
    return register((this.#preHooks ??= []), hook);
  }

  /** Calls `hook` after each `forward`. Same as register_forward_hook. */
  registerForwardHook(hook: ForwardHook): Removable {
    return register((this.#hooks ??= []), hook);
  }

  /** Makes a tensor that is not learned (a running mean, a mask) part of the module as the property `name`. */
  registerBuffer(name: string, value: Tensor | null, options: { persistent?: boolean } = {}): void {
    if (value !== null && !(value instanceof Tensor)) throw new DownhillError(`registerBuffer: ${show(name)} must be a tensor or null, got ${show(value)}`);
    if (!this.#buffers.has(name) && name in this) throw new DownhillError(`registerBuffer: the module already has a property ${show(name)}`);
    this.#buffers.set(name, options.persistent ?? true);
    (this as unknown as Record<string, unknown>)[name] = value;
  }

  /** Makes a parameter the property `name`; plain assignment does the same. */
  registerParameter(name: string, value: Parameter | null): void {
    if (name in this) throw new DownhillError(`registerParameter: the module already has a property ${show(name)}`);
    (this as unknown as Record<string, unknown>)[name] = value;
  }

  /** Child modules by name, in the order they were made properties. */
  *namedChildren(): Generator<[name: string, module: Module]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Module) yield [name, value];
  }

  *children(): Generator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module (under the name "") and all below it, each once. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[name: string, module: Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(prefix === "" ? name : `${prefix}.${name}`, seen);
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Parameters by dotted name, this module's first; a shared one once. */
  *namedParameters(prefix = "", recurse = true): Generator<[name: string, parameter: Parameter]> {
    yield* this.#named(prefix, recurse, (module) => module.ownParameters());
  }

  *parameters(recurse = true): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters("", recurse)) yield parameter;
  }

  /** Buffers by dotted name; a shared one once. */
  *namedBuffers(prefix = "", recurse = true): Generator<[name: string, buffer: Tensor]> {
    yield* this.#named(prefix, recurse, (module) => module.ownBuffers());
  }

  *buffers(recurse = true): Generator<Tensor> {
    for (const [, buffer] of this.namedBuffers("", recurse)) yield buffer;
  }

  *#named<T extends Tensor>(prefix: string, recurse: boolean, own: (module: Module) => Iterable<readonly [string, T]>): Generator<[string, T]> {
    const seen = new Set<T>();
    for (const [path, module] of recurse ? this.namedModules(prefix) : [[prefix, this] as const]) {
      for (const [name, value] of own(module)) {
        if (seen.has(value)) continue;
        seen.add(value);
        yield [path === "" ? name : `${path}.${name}`, value];
      }
    }
  }

  /** @internal The parameters that are properties of this very module. */
  *ownParameters(): Generator<[string, Parameter]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Parameter) yield [name, value];
  }

  /** @internal The buffers of this very module; with `persistent`, only those that `stateDict` holds. */
  *ownBuffers(persistent = false): Generator<[string, Tensor]> {
    for (const [name, kept] of this.#buffers) {
      const value = (this as unknown as Record<string, unknown>)[name];
      if (value instanceof Tensor && (kept || !persistent)) yield [name, value];
    }
  }

  /** Sets training mode here and in all children; dropout and batch norm behave differently in it. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Leaves training mode. Same as train(false). */
  eval(): this {
    return this.train(false);
  }

  /** Calls `fn` for each module below and then for this one, children first. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Asks every parameter for gradients, or stops them. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Sets every parameter's gradient to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Converts float parameters and buffers to a float dtype, or moves all to a device. Optimizers keep working. */
  to(target: DType | Device): this {
    const dtype = typeof target === "string" ? target : undefined;
    if (dtype !== undefined && !dtype.startsWith("float")) {
      throw new DownhillError(`Module.to: a module takes a float dtype, got ${show(dtype)}`, '"float32" or "float64"');
    }
    for (const tensor of [...this.parameters(), ...this.buffers()]) {
      if (dtype !== undefined && !tensor.dtype.startsWith("float")) continue;
      const moved = tensor.detach().to(target);
      if (tensor.dtype !== moved.dtype || tensor.device !== moved.device) replace(tensor, moved);
      tensor.grad = tensor.grad === null ? null : tensor.grad.to(target);
    }
    return this;
  }

  /** Every parameter and persistent buffer by dotted name, with the value at this moment. */
  stateDict(prefix = ""): StateDict {
    const state: StateDict = {};
    for (const [name, tensor] of this.#state(prefix)) state[name] = tensor.detach();
    return state;
  }

  *#state(prefix = ""): Generator<[string, Tensor]> {
    for (const [path, module] of this.#allModules(prefix)) {
      const at = path === "" ? "" : `${path}.`;
      for (const [name, value] of module.ownParameters()) yield [at + name, value];
      for (const [name, value] of module.ownBuffers(true)) yield [at + name, value];
    }
  }

  /** As `namedModules`, but a module that is shared comes under each of its names. */
  *#allModules(prefix: string): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.#allModules(prefix === "" ? name : `${prefix}.${name}`);
  }

  /**
   * Takes parameters and buffers from a state dict. All is checked first: on an error nothing has changed.
   *
   * @param options `strict` (default true): missing and unexpected names are errors; false: they are reported.
   * @throws DownhillError that lists the missing and unexpected names and the shapes that differ.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>, options: { strict?: boolean } = {}): LoadReport {
    return loadState(this.constructor.name, new Map(this.#state()), state, options);
  }

  /** What stands between the brackets when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** Formats the module and its children as PyTorch prints them. */
  toString(): string {
    const children = [...this.namedChildren()].map(([name, child]) => `(${name}): ${indent(child.toString())}`);
    const extra = this.extraRepr();
    const lines = [...(extra === "" ? [] : [extra]), ...children];
    const name = this.constructor.name;
    return children.length === 0 ? `${name}(${extra})` : `${name}(\n  ${lines.join("\n  ")}\n)`;
  }
}

const indent = (text: string): string => text.replaceAll("\n", "\n  ");

function register<T>(list: T[], item: T): Removable {
  list.push(item);
  return {
    remove: () => {
      const at = list.indexOf(item);
      if (at >= 0) list.splice(at, 1);
    },
  };
}

/** A module of one tensor in, one tensor out. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

// What Node's console.log shows. A symbol key cannot stand in the class under isolatedDeclarations.
Object.defineProperty(Module.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value: function (this: Module): string {
    return this.toString();
  },
});
