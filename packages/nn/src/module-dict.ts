import { DownhillError, show } from "@downhill/core/engine";
import { Module } from "./module.js";
import { notCalled } from "./module-errors.js";
import { checkPartName } from "./part-name.js";

/**
 * Holds modules by name, in the order they were added. Same as torch.nn.ModuleDict.
 *
 * @throws DownhillError for what is no module, for a name with a ".", and when it is called: it computes nothing.
 *
 * @example
 * const activations = new ModuleDict({ relu: new ReLU(), tanh: new Tanh() });
 * activations.get("relu").forward(tensor([-1, 1])); // tensor([0., 1.])
 */
export class ModuleDict<T extends Module = Module> extends Module {
  private readonly items = new Map<string, T>();

  /** @param modules An object of named modules, or pairs of a name and a module. */
  constructor(modules: Readonly<Record<string, T>> | Iterable<readonly [string, T]> = {}) {
    super();
    this.update(modules);
  }

  /** Number of modules. */
  get size(): number {
    return this.items.size;
  }

  has(name: string): boolean {
    return this.items.has(name);
  }

  /** The module of a name. */
  get(name: string): T {
    const found = this.items.get(name);
    if (found !== undefined) return found;
    throw new DownhillError(
      `ModuleDict.get: there is no module ${show(name)}`,
      this.size === 0 ? "it is empty" : `it has ${[...this.items.keys()].map(show).join(", ")}`,
    );
  }

  /** Adds a module, or puts it in the place of another. */
  set(name: string, module: T): this {
    checkPartName("ModuleDict", name);
    if (!(module instanceof Module))
      throw new DownhillError(`ModuleDict: ${show(name)} must be a Module, got ${show(module)}`);
    this.items.set(name, module);
    return this;
  }

  /** Takes a module out and gives it. Same as pop. */
  pop(name: string): T {
    const module = this.get(name);
    this.items.delete(name);
    return module;
  }

  /** Adds modules, or puts them in the places of others. */
  update(modules: Readonly<Record<string, T>> | Iterable<readonly [string, T]>): this {
    const pairs = Symbol.iterator in modules ? modules : Object.entries(modules);
    for (const [name, module] of pairs) this.set(name, module);
    return this;
  }

  clear(): void {
    this.items.clear();
  }

  keys(): IterableIterator<string> {
    return this.items.keys();
  }

  values(): IterableIterator<T> {
    return this.items.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.items.entries();
  }

  [Symbol.iterator](): Iterator<[string, T]> {
    return this.items.entries();
  }

  protected override *childEntries(): Generator<[string, Module]> {
    yield* this.items;
    yield* super.childEntries(); // those that a subclass adds
  }

  override forward(..._: never[]): unknown {
    throw notCalled("ModuleDict");
  }
}
