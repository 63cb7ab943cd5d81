import { DownhillError, show } from "@downhill/core/engine";
import { Module } from "./module.js";
import { notCalled } from "./module-errors.js";

const indent = (text: string): string => text.replaceAll("\n", "\n  ");

/**
 * Holds modules in an array whose parameters are the module's, which a plain array's are not. Same as
 * torch.nn.ModuleList.
 *
 * @throws DownhillError for what is no module, and when it is called: it computes nothing.
 *
 * @example
 * class Net extends Module {
 *   layers = new ModuleList([new Linear(10, 10), new Linear(10, 10)]);
 *   override forward(x: Tensor): Tensor {
 *     for (const layer of this.layers) x = layer.forward(x).relu();
 *     return x;
 *   }
 * }
 * [...new Net().parameters()].length; // 4
 */
export class ModuleList<T extends Module = Module> extends Module {
  private readonly items: T[] = [];

  constructor(modules: Iterable<T> = []) {
    super();
    this.extend(modules);
  }

  private checked(where: string, module: T): T {
    if (module instanceof Module) return module;
    throw new DownhillError(`ModuleList${where}: expects a Module, got ${show(module)}`);
  }

  private place(where: string, index: number, length: number): number {
    const place = index < 0 ? index + length : index;
    if (Number.isInteger(place) && place >= 0 && place < length) return place;
    throw new DownhillError(
      `ModuleList.${where}: index ${show(index)} is out of range for ${this.items.length} modules`,
    );
  }

  /** Number of modules. */
  get length(): number {
    return this.items.length;
  }

  /** The module at a place; negative places count from the end. */
  at(index: number): T {
    return this.items[this.place("at", index, this.length)]!;
  }

  /** Puts a module in the place of another. */
  set(index: number, module: T): this {
    this.items[this.place("set", index, this.length)] = this.checked(".set", module);
    return this;
  }

  /** Adds a module at the end. */
  append(module: T): this {
    this.items.push(this.checked("", module));
    return this;
  }

  /** Adds modules at the end, in their order. */
  extend(modules: Iterable<T>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the one at `index`, which may be the length. */
  insert(index: number, module: T): this {
    this.items.splice(this.place("insert", index, this.length + 1), 0, this.checked(".insert", module));
    return this;
  }

  /** Takes the module at a place out, by default the last, and gives it. */
  pop(index = -1): T {
    return this.items.splice(this.place("pop", index, this.length), 1)[0]!;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  protected override *childEntries(): Generator<[string, Module]> {
    for (const [i, module] of this.items.entries()) yield [String(i), module];
    yield* super.childEntries(); // those that a subclass adds
  }

  override forward(..._: never[]): unknown {
    throw notCalled("ModuleList");
  }

  /** Formats modules that print alike in a row as one, as PyTorch does. */
  override toString(): string {
    const runs: { first: string; last: string; count: number; text: string }[] = [];
    for (const [name, module] of this.childEntries()) {
      const text = module.toString();
      const run = runs.at(-1);
      if (run?.text === text) Object.assign(run, { last: name, count: run.count + 1 });
      else runs.push({ first: name, last: name, count: 1, text });
    }
    if (runs.length === 0) return `${this.constructor.name}()`;
    const lines = runs.map(({ first, last, count, text }) =>
      indent(count === 1 ? `(${first}): ${text}` : `(${first}-${last}): ${count} x ${text}`),
    );
    return `${this.constructor.name}(\n  ${lines.join("\n  ")}\n)`;
  }
}
