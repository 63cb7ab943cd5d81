/* eslint-disable max-lines -- the methods of PyTorch's Module are those of one class */
import { type Device, type DType, type Removable, Tensor } from "@downhill/core";
import { checkFlag, checkOptions, DownhillError, show, zeroState } from "@downhill/core/engine";
import { convertState } from "./convert-state.js";
import { deepCopy } from "./deep-copy.js";
import { type Forward, ForwardCall, type HookOptions } from "./forward-call.js";
import { noJson, notCopied, notParameter, notRegistered } from "./module-errors.js";
import { checkPartName, joinName, missingPart } from "./part-name.js";
import { loadState, type LoadOptions, type LoadReport, saveState, type StateDict } from "./state-dict.js";
import { Parameter } from "./parameter.js";
import { TrainingMode } from "./training-mode.js";

/** Sees a module's arguments before `forward`, and may return others: an array of them, or the only one. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Sees a module's arguments and its result, and may return another result. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;

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
export abstract class Module extends TrainingMode {
  /** Names of the properties that are buffers, and whether `stateDict` holds them. */
  #buffers = new Map<string, boolean>();
  /** Names of the properties that have been seen to be parameters. */
  #parameters = new Set<string>();
  readonly #calls = new ForwardCall<Module>();
  #wrapped: Forward | undefined;
  /** `forward` as the class defines it, or as it was assigned. */
  #defined: Forward | undefined;

  constructor() {
    super();
    this.#wrap();
  }

  /** Computes the module's output. Defined by subclasses. */
  abstract forward(...args: never[]): unknown;

  /**
   * Puts scope and hooks around `forward`, where a subclass defines it. One that is a class field or assigned later is
   * found when the module is asked for its parts or given a hook.
   */
  #wrap(): void {
    const forward = this.#get("forward") as Forward | undefined;
    if (forward === undefined || forward === this.#wrapped) return;
    this.#defined = forward;
    this.#wrapped = (...args) => this.#calls.run(this, forward, args);
    Object.defineProperty(this, "forward", {
      value: this.#wrapped,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  /** Calls `hook` before each `forward`. Same as register_forward_pre_hook. */
  registerForwardPreHook(hook: ForwardPreHook, options: HookOptions = {}): Removable {
    this.#wrap();
    return this.#calls.addPreHook(hook, options);
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
    return this.#calls.addHook(hook, options);
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
    this.#parameters.delete(name);
    this.#set(name, value);
  }

  /** Makes a parameter the property `name`; plain assignment does the same. */
  registerParameter(name: string, value: Parameter | null): void {
    this.#checkName("registerParameter", name);
    if (value !== null && !(value instanceof Parameter)) throw notRegistered(name, value);
    this.#parameters.add(name);
    this.#set(name, value);
  }

  /** Makes a module the property `name`; plain assignment does the same. Same as add_module. */
  registerModule(name: string, module: Module | null): void {
    this.#checkName("registerModule", name);
    if (module !== null && !(module instanceof Module))
      throw new DownhillError(`registerModule: ${show(name)} must be a Module or null, got ${show(module)}`);
    this.#set(name, module);
  }

  /** @internal Takes a parameter or buffer away, with all that is known of it. */
  forget(name: string): void {
    this.#buffers.delete(name);
    this.#parameters.delete(name);
    Reflect.deleteProperty(this, name);
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

  /** The modules that this one holds itself. */
  *children(): Generator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module (under the name "") and all below it, each once. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[name: string, module: Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    this.#wrap();
    yield [prefix, this];
    for (const [name, child] of this.childEntries()) yield* child.namedModules(joinName(prefix, name), seen);
  }

  /** This module and all within it. */
  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Parameters by dotted name, this module's first; a shared one once. */
  *namedParameters(prefix = "", recurse = true): Generator<[name: string, parameter: Parameter]> {
    yield* this.#named(prefix, recurse, (module) => module.ownParameters());
  }

  /** The parameters of this module and, by default, of all within it. */
  *parameters(recurse = true): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters("", recurse)) yield parameter;
  }

  /** Buffers by dotted name; a shared one once. */
  *namedBuffers(prefix = "", recurse = true): Generator<[name: string, buffer: Tensor]> {
    yield* this.#named(prefix, recurse, (module) => module.ownBuffers());
  }

  /** The buffers of this module and, by default, of all within it. */
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
        yield [joinName(path, name), value];
      }
    }
  }

  /** @internal The parameters that are properties of this very module. */
  *ownParameters(): Generator<[string, Parameter]> {
    for (const [name, value] of Object.entries(this)) {
      if (!(value instanceof Tensor)) continue;
      if (value instanceof Parameter) {
        this.#parameters.add(name);
        yield [name, value];
      } else if (this.#parameters.has(name)) throw notParameter(this, name, value);
    }
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
    return this.#find("getSubmodule", target, target === "" ? [] : target.split("."));
  }

  #find(where: string, target: string, parts: readonly string[]): Module {
    return parts.reduce<Module>((module, part, i) => {
      const children = new Map(module.childEntries());
      return children.get(part) ?? module.#missing(where, target, parts.slice(0, i), "module", part, children);
    }, this);
  }

  /** The parameter at a dotted name, such as "layers.0.weight". Same as get_parameter. */
  getParameter(target: string): Parameter {
    return this.#part("getParameter", target, "parameter", (module) => module.ownParameters());
  }

  /** The buffer at a dotted name. Same as get_buffer. */
  getBuffer(target: string): Tensor {
    return this.#part("getBuffer", target, "buffer", (module) => module.ownBuffers());
  }

  #part<T>(
    where: string,
    target: string,
    kind: "parameter" | "buffer",
    own: (module: Module) => Iterable<readonly [string, T]>,
  ): T {
    const path = target.split(".");
    const part = path.pop() ?? "";
    const module = this.#find(where, target, path);
    const known = new Map(own(module));
    return known.get(part) ?? module.#missing(where, target, path, kind, part, known);
  }

  #missing(
    where: string,
    target: string,
    path: readonly string[],
    kind: "module" | "parameter" | "buffer",
    part: string,
    known: ReadonlyMap<string, unknown>,
  ): never {
    throw missingPart(where, {
      target,
      owner: this.constructor.name,
      path: path.join("."),
      kind,
      part,
      known: [...known.keys()],
    });
  }

  /** Sets training mode here and in all children; dropout and batch norm behave differently in it. */
  train(mode = true): this {
    checkFlag("train: the mode", mode);
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
    if (typeof fn !== "function") throw new DownhillError(`apply: expects a function of a module, got ${show(fn)}`);
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Asks every parameter for gradients, or stops them. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Sets every parameter's gradient to null, or with `setToNone: false` to zeros. Same as zero_grad. */
  zeroGrad(options: { setToNone?: boolean } = {}): void {
    checkOptions("zeroGrad", options, ["setToNone"]);
    for (const parameter of this.parameters()) {
      if (options.setToNone ?? true) parameter.grad = null;
      else if (parameter.grad !== null) parameter.grad = zeroState(parameter);
    }
  }

  /**
   * Converts float parameters and buffers to a float dtype, or moves all to a device. Parameters stay the same objects,
   * so optimizers keep working.
   */
  to(target: DType | Device | "cpu" | "webgpu"): this {
    const slots = Array.from(this.modules(), (module) =>
      Array.from(module.ownBuffers(), ([name, buffer]) => ({
        buffer,
        set: (value: Tensor) => {
          module.#set(name, value);
        },
      })),
    );
    convertState(target, [...this.parameters()], slots.flat());
    return this;
  }

  /** Converts float parameters and buffers to float32. */
  float(): this {
    return this.to("float32");
  }

  /** Converts float parameters and buffers to float16. */
  half(): this {
    return this.to("float16");
  }

  /** Converts float parameters and buffers to float64. */
  double(): this {
    return this.to("float64");
  }

  /**
   * Makes a module like this one: parameters, buffers and modules below are copies, those that are shared stay shared;
   * training mode and hooks are the same, gradients are null. Same as copy.deepcopy. No constructor runs: what a class of
   * one's own keeps in `#private` members is not there in the copy (JavaScript lets nobody else see them), so that they
   * should be TypeScript's `private`.
   *
   * @throws DownhillError for a `forward` that is no method of the class, and for a property that is a computed tensor with
   * gradients.
   *
   * @example
   * const target = model.clone().requiresGrad_(false);
   */
  clone(): this {
    return deepCopy(this, (value) => (value instanceof Module ? value.#blank() : null));
  }

  /** A module of this class in this one's mode and with its hooks, but without its parts. */
  #blank(): Module {
    this.#wrap();
    const copy = Reflect.construct(Module, [], this.constructor) as Module;
    if (this.#defined !== copy.#defined) throw notCopied(this);
    copy.training = this.training;
    copy.#buffers = new Map(this.#buffers);
    copy.#parameters = new Set(this.#parameters);
    copy.#calls.takeHooks(this.#calls);
    return copy;
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
      for (const [name, value] of module.ownParameters()) yield [joinName(path, name), value];
      for (const [name, value] of module.ownBuffers(true)) yield [joinName(path, name), value];
    }
  }

  /** As `namedModules`, but a module that is shared comes under each of its names. */
  *#allModules(prefix: string): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.childEntries()) yield* child.#allModules(joinName(prefix, name));
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

  /** Throws: JSON holds no tensors. */
  toJSON(): never {
    throw noJson(this);
  }

  /** What stands between the brackets when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** Formats the module and its children as PyTorch prints them. */
  override toString(): string {
    const children = Array.from(this.childEntries(), ([name, child]) => `(${name}): ${indent(child.toString())}`);
    const extra = this.extraRepr();
    const extraLines = extra === "" ? [] : extra.split("\n");
    const name = this.constructor.name;
    if (children.length === 0 && extraLines.length <= 1) return `${name}(${extra})`;
    return `${name}(\n  ${[...extraLines, ...children].join("\n  ")}\n)`;
  }
}

const indent = (text: string): string => text.replaceAll("\n", "\n  ");

/** A module of one tensor in, one tensor out. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

// What Node's console.log shows. A symbol key cannot stand in the class under isolatedDeclarations.
Object.defineProperty(Module.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Module): string {
    return this.toString();
  },
});
