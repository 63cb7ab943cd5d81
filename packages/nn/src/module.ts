import { type Device, type DType, type Removable, Tensor } from "@downhill/core";
import {
  checkOptions,
  DownhillError,
  enter,
  exposeAll,
  flush,
  itemSize,
  leave,
  outside,
  replace,
  seam,
  show,
  zeroState,
} from "@downhill/core/engine";
import { type HookOptions, Hooks } from "./hooks.js";
import { loadState, type LoadOptions, type LoadReport, saveState, type StateDict } from "./state-dict.js";
import { Parameter } from "./parameter.js";

/** Sees a module's arguments before `forward`, and may return others: an array of them, or the only one. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Sees a module's arguments and its result, and may return another result. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;

type Forward = (...args: unknown[]) => unknown;
type Properties = Record<string, unknown>;

/**
 * The base of layers and models. Same as torch.nn.Module. A subclass makes its Parameters and child modules properties
 * (public ones: `#private` ones and arrays are not seen) and defines `forward`; calling `forward` runs it as one scope,
 * with its hooks. What it records and does not return is internal: fused away (see `keep` of core).
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
  readonly #preHooks = new Hooks<ForwardPreHook>();
  readonly #hooks = new Hooks<ForwardHook>();
  #wrapped: Forward | undefined;

  constructor() {
    this.#wrap();
  }

  /** Computes the module's output. Defined by subclasses. */
  abstract forward(...args: never[]): unknown;

  /**
   * Puts scope and hooks around `forward`, where a subclass defines it. One that is a class field or assigned later is
   * found when the module is asked for its parts or given a hook.
   */
  #wrap(): void {
    const forward = this.forward as Forward | undefined;
    if (forward === undefined || forward === this.#wrapped) return;
    this.#wrapped = (...args) => this.#call(forward, args);
    Object.defineProperty(this, "forward", {
      value: this.#wrapped,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  #call(forward: Forward, args: readonly unknown[]): unknown {
    for (const hook of this.#preHooks) {
      exposeAll(args); // the hook's code may look at them, now or later
      const changed = outside(() => hook(this, args));
      if (changed !== undefined) args = Array.isArray(changed) ? changed : [changed];
    }
    const outer = enter();
    let result: unknown;
    try {
      result = forward.apply(this, args as unknown[]);
    } finally {
      leave(outer);
    }
    // The scope of an async forward ends at its first await: what it resolves to belongs to the caller.
    if (result instanceof Promise) return result.then((value) => this.#finish(args, value, true));
    return this.#finish(args, result, outer === 0);
  }

  /** Runs the hooks on what `forward` returned, and hands it to the caller's code if that called it. */
  #finish(args: readonly unknown[], result: unknown, outermost: boolean): unknown {
    if (outermost) exposeAll(result);
    for (const hook of this.#hooks) {
      exposeAll([args, result]);
      const changed = outside(() => hook(this, args, result));
      if (changed !== undefined) result = changed;
    }
    if (outermost) {
      const output = firstTensor(result);
      if (output !== undefined && !output.requiresGrad) seam(output.device);
    }
    return result;
  }

  /** Calls `hook` before each `forward`. Same as register_forward_pre_hook. */
  registerForwardPreHook(hook: ForwardPreHook, options: HookOptions = {}): Removable {
    this.#wrap();
    return this.#preHooks.add("registerForwardPreHook", hook, options);
  }

  /**
   * Calls `hook` after each `forward`; what it returns, if anything, takes the result's place. Same as
   * register_forward_hook.
   *
   * @example
   * const hook = model.registerForwardHook((module, args, output) => console.log(output));
   * hook.remove();
   */
  registerForwardHook(hook: ForwardHook, options: HookOptions = {}): Removable {
    this.#wrap();
    return this.#hooks.add("registerForwardHook", hook, options);
  }

  /**
   * Makes a tensor that is not learned (a running mean, a mask) part of the module as the property `name`.
   *
   * @param options `persistent` (default true): whether `stateDict` holds it.
   */
  registerBuffer(name: string, value: Tensor | null, options: { persistent?: boolean } = {}): void {
    checkOptions("registerBuffer", options, ["persistent"]);
    if (value !== null && (!(value instanceof Tensor) || value instanceof Parameter)) {
      throw new DownhillError(`registerBuffer: ${show(name)} must be a plain tensor or null, got ${show(value)}`);
    }
    if (!this.#buffers.has(name)) this.#checkName("registerBuffer", name);
    this.#buffers.set(name, options.persistent ?? true);
    this.#set(name, value);
  }

  /** Makes a parameter the property `name`; plain assignment does the same. */
  registerParameter(name: string, value: Parameter | null): void {
    this.#checkName("registerParameter", name);
    if (value !== null && !(value instanceof Parameter)) {
      throw new DownhillError(
        `registerParameter: ${show(name)} must be a Parameter or null, got ${show(value)}`,
        "wrap it: new Parameter(tensor)",
      );
    }
    this.#set(name, value);
  }

  /** Makes a module the property `name`; plain assignment does the same. Same as add_module. */
  registerModule(name: string, module: Module | null): void {
    this.#checkName("registerModule", name);
    if (module !== null && !(module instanceof Module))
      throw new DownhillError(`registerModule: ${show(name)} must be a Module or null, got ${show(module)}`);
    this.#set(name, module);
  }

  #checkName(where: string, name: string): void {
    checkPartName(where, name);
    // A declared field stands there as undefined before its value comes.
    const declared = Object.hasOwn(this, name) && this.#get(name) === undefined;
    if (name in this && !declared) throw new DownhillError(`${where}: the module already has a property ${show(name)}`);
  }

  #get(name: string): unknown {
    return (this as unknown as Properties)[name];
  }

  #set(name: string, value: unknown): void {
    (this as unknown as Properties)[name] = value;
  }

  /** Child modules by name, in the order they were made properties, a shared one under each name. Containers override it. */
  protected *childEntries(): Generator<[name: string, module: Module]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Module) yield [name, value];
  }

  /** Child modules by name, in the order they were made properties, each once. */
  *namedChildren(): Generator<[name: string, module: Module]> {
    const seen = new Set<Module>();
    for (const [name, child] of this.childEntries()) {
      if (seen.has(child)) continue;
      seen.add(child);
      yield [name, child];
    }
  }

  *children(): Generator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module (under the name "") and all below it, each once. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[name: string, module: Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    this.#wrap();
    yield [prefix, this];
    for (const [name, child] of this.childEntries()) yield* child.namedModules(join(prefix, name), seen);
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

  *#named<T extends Tensor>(
    prefix: string,
    recurse: boolean,
    own: (module: Module) => Iterable<readonly [string, T]>,
  ): Generator<[string, T]> {
    const seen = new Set<T>();
    for (const [path, module] of recurse ? this.namedModules(prefix) : [[prefix, this] as const]) {
      for (const [name, value] of own(module)) {
        if (seen.has(value)) continue;
        seen.add(value);
        yield [join(path, name), value];
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
      const value = this.#get(name);
      if (value instanceof Tensor && !(value instanceof Parameter) && (kept || !persistent)) yield [name, value];
    }
  }

  /** The module at a dotted name, such as "layers.0"; "" is this one. Same as get_submodule. */
  getSubmodule(target: string): Module {
    let module: Module = this; // eslint-disable-line @typescript-eslint/no-this-alias -- where the walk starts
    const parts = target === "" ? [] : target.split(".");
    for (const [i, part] of parts.entries()) {
      const names = [...module.childEntries()];
      const found = names.find(([name]) => name === part);
      if (found === undefined)
        throw missing(
          "getSubmodule",
          target,
          module,
          parts.slice(0, i),
          "module",
          part,
          names.map(([name]) => name),
        );
      module = found[1];
    }
    return module;
  }

  /** The parameter at a dotted name, such as "layers.0.weight". Same as get_parameter. */
  getParameter(target: string): Parameter {
    return this.#part("getParameter", target, "parameter", (module) => module.ownParameters());
  }

  /** The buffer at a dotted name. Same as get_buffer. */
  getBuffer(target: string): Tensor {
    return this.#part("getBuffer", target, "buffer", (module) => module.ownBuffers());
  }

  #part<T extends Tensor>(
    where: string,
    target: string,
    kind: string,
    own: (module: Module) => Iterable<readonly [string, T]>,
  ): T {
    const at = target.lastIndexOf(".");
    const path = at < 0 ? "" : target.slice(0, at);
    const module = this.getSubmodule(path);
    const parts = new Map(own(module));
    const found = parts.get(target.slice(at + 1));
    if (found === undefined)
      throw missing(where, target, module, path === "" ? [] : [path], kind, target.slice(at + 1), [...parts.keys()]);
    return found;
  }

  /** Sets training mode here and in all children; dropout and batch norm behave differently in it. */
  train(mode = true): this {
    if (typeof mode !== "boolean") throw new DownhillError(`train: the mode must be true or false, got ${show(mode)}`);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Leaves training mode. Same as train(false). */
  eval(): this {
    return this.train(false);
  }

  /**
   * Calls `fn` for each module below and then for this one, children first.
   *
   * @example
   * model.apply((module) => {
   *   if (module instanceof Linear) noGrad(() => module.weight.fill_(0));
   * });
   */
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

  /** Sets every parameter's gradient to null, or with `setToNull: false` to zeros. Same as zero_grad. */
  zeroGrad(options: { setToNull?: boolean } = {}): void {
    checkOptions("zeroGrad", options, ["setToNull"]);
    for (const parameter of this.parameters()) {
      if (options.setToNull ?? true) parameter.grad = null;
      else if (parameter.grad !== null) parameter.grad = zeroState(parameter);
    }
  }

  /**
   * Converts float parameters and buffers to a float dtype, or moves all to a device. Parameters stay the same objects,
   * so optimizers keep working.
   */
  to(target: DType | Device | string): this {
    const dtype = typeof target === "string" && Object.hasOwn(itemSize, target) ? target : undefined;
    if (dtype !== undefined && !dtype.startsWith("float")) {
      throw new DownhillError(`Module.to: a module takes a float dtype, got ${show(dtype)}`, '"float32" or "float64"');
    }
    const tensors = [...this.parameters(), ...this.buffers()].filter(
      (tensor) => dtype === undefined || tensor.dtype.startsWith("float"),
    );
    const convert = (tensor: Tensor): Tensor => tensor.detach().to(target as DType | Device);
    // All values are there before the first tensor changes.
    const moved = new Map(tensors.map((tensor) => [tensor, convert(tensor)]));
    const grads = new Map(tensors.map((tensor) => [tensor, tensor.grad && convert(tensor.grad)]));
    flush(...moved.values());
    for (const module of this.modules()) {
      // A buffer's new value is another tensor, as in PyTorch: who passed the old one keeps it.
      for (const [name, buffer] of module.ownBuffers()) {
        const value = moved.get(buffer);
        if (value !== undefined && differs(buffer, value)) module.#set(name, value);
      }
    }
    for (const parameter of this.parameters()) {
      const value = moved.get(parameter);
      if (value === undefined || !differs(parameter, value)) continue;
      replace(parameter, value);
      parameter.grad = grads.get(parameter) ?? null;
    }
    return this;
  }

  /** Converts float parameters and buffers to float32. */
  float(): this {
    return this.to("float32");
  }

  /** Converts float parameters and buffers to float64. */
  double(): this {
    return this.to("float64");
  }

  /**
   * Every parameter and persistent buffer by dotted name, with the value at this moment: later steps do not change it.
   * A shared one is there under each of its names.
   */
  stateDict(prefix = ""): StateDict {
    return saveState(this.#state(prefix));
  }

  *#state(prefix: string): Generator<[string, Tensor]> {
    for (const [path, module] of this.#allModules(prefix)) {
      for (const [name, value] of module.ownParameters()) yield [join(path, name), value];
      for (const [name, value] of module.ownBuffers(true)) yield [join(path, name), value];
    }
  }

  /** As `namedModules`, but a module that is shared comes under each of its names. */
  *#allModules(prefix: string): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.childEntries()) yield* child.#allModules(join(prefix, name));
  }

  /**
   * Takes parameters and buffers from a state dict. All is checked first: on an error nothing has changed.
   *
   * @param options `strict` (default true): missing and unexpected names are errors; false: they are reported.
   * @throws DownhillError that lists the missing and unexpected names and the shapes that differ.
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>, options: LoadOptions = {}): LoadReport {
    return loadState(this.constructor.name, new Map(this.#state("")), state, options);
  }

  /** What stands between the brackets when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** Formats the module and its children as PyTorch prints them. */
  toString(): string {
    const children = Array.from(this.childEntries(), ([name, child]) => `(${name}): ${indent(child.toString())}`);
    const extra = this.extraRepr();
    const extraLines = extra === "" ? [] : extra.split("\n");
    const name = this.constructor.name;
    if (children.length === 0 && extraLines.length <= 1) return `${name}(${extra})`;
    return `${name}(\n  ${[...extraLines, ...children].join("\n  ")}\n)`;
  }
}

const indent = (text: string): string => text.replaceAll("\n", "\n  ");
const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/** Checks the name of a part of a module, which becomes a part of dotted names. */
export function checkPartName(where: string, name: unknown): void {
  if (typeof name !== "string" || name === "" || name.includes(".")) {
    throw new DownhillError(
      `${where}: a name must be a string of at least one character, without ".", got ${show(name)}`,
    );
  }
}

function missing(
  where: string,
  target: string,
  module: Module,
  path: readonly string[],
  kind: string,
  part: string,
  known: readonly string[],
): DownhillError {
  const at = path.length === 0 ? "" : ` at ${show(path.join("."))}`;
  return new DownhillError(
    `${where}: ${show(target)}: ${module.constructor.name}${at} has no ${kind} ${show(part)}`,
    known.length === 0 ? `it has no ${kind}s` : `it has ${known.map(show).join(", ")}`,
  );
}

const differs = (a: Tensor, b: Tensor): boolean => a.dtype !== b.dtype || a.device !== b.device;

/** A tensor among what a forward returned, which tells where and how it ran. */
function firstTensor(result: unknown): Tensor | undefined {
  if (result instanceof Tensor) return result;
  if (result === null || typeof result !== "object") return undefined;
  if (!Array.isArray(result) && Object.getPrototypeOf(result) !== Object.prototype) return undefined;
  for (const item of Object.values(result)) {
    const found = firstTensor(item);
    if (found !== undefined) return found;
  }
  return undefined;
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
