import { DownhillError, show } from "@downhill/core/engine";
import { Module } from "./module.js";
import { notCalled } from "./module-errors.js";
import { Parameter } from "./parameter.js";
import { checkPartName } from "./part-name.js";

/** What both print: a line per parameter. */
const lines = (entries: Iterable<readonly [string, Parameter]>): string =>
  Array.from(
    entries,
    ([name, { dtype, shape }]) => `  (${name}): Parameter containing: [${dtype} of size ${shape.join("x")}]`,
  ).join("\n");

function checked(where: string, name: string, value: unknown): Parameter {
  if (value instanceof Parameter) return value;
  throw new DownhillError(
    `${where}: ${show(name)} must be a Parameter, got ${show(value)}`,
    "wrap it: new Parameter(tensor)",
  );
}

/**
 * Holds parameters in an array that are the module's, which those of a plain array are not. Same as
 * torch.nn.ParameterList.
 *
 * @throws DownhillError for what is no parameter, and when it is called: it computes nothing.
 *
 * @example
 * const weights = new ParameterList([1, 2, 3].map((size) => new Parameter(randn([size]))));
 * Object.keys(weights.stateDict()); // ["0", "1", "2"]
 */
export class ParameterList extends Module {
  private readonly items: Parameter[] = [];

  constructor(parameters: Iterable<Parameter> = []) {
    super();
    this.extend(parameters);
  }

  /** Number of parameters. */
  get length(): number {
    return this.items.length;
  }

  /** The parameter at a place; negative places count from the end. */
  at(index: number): Parameter {
    const found = Number.isInteger(index) ? this.items.at(index) : undefined;
    if (found !== undefined) return found;
    throw new DownhillError(`ParameterList.at: index ${show(index)} is out of range for ${this.length} parameters`);
  }

  /** Puts a parameter in the place of another. */
  set(index: number, parameter: Parameter): this {
    const place = this.items.indexOf(this.at(index));
    this.items[place] = checked("ParameterList.set", String(index), parameter);
    return this;
  }

  /** Adds a parameter at the end. */
  append(parameter: Parameter): this {
    this.items.push(checked("ParameterList", String(this.length), parameter));
    return this;
  }

  /** Adds parameters at the end, in their order. */
  extend(parameters: Iterable<Parameter>): this {
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.items[Symbol.iterator]();
  }

  /** @internal */
  override *ownParameters(): Generator<[string, Parameter]> {
    for (const [i, parameter] of this.items.entries()) yield [String(i), parameter];
    yield* super.ownParameters();
  }

  override forward(..._: never[]): unknown {
    throw notCalled("ParameterList");
  }

  override extraRepr(): string {
    return lines(this.ownParameters());
  }
}

/**
 * Holds parameters by name, in the order they were added. Same as torch.nn.ParameterDict.
 *
 * @throws DownhillError for what is no parameter, for a name with a ".", and when it is called: it computes nothing.
 *
 * @example
 * const parameters = new ParameterDict({ scale: new Parameter(ones([2])), shift: new Parameter(zeros([2])) });
 * parameters.get("scale").shape; // [2]
 */
export class ParameterDict extends Module {
  private readonly items = new Map<string, Parameter>();

  /** @param parameters An object of named parameters, or pairs of a name and a parameter. */
  constructor(parameters: Readonly<Record<string, Parameter>> | Iterable<readonly [string, Parameter]> = {}) {
    super();
    this.update(parameters);
  }

  /** Number of parameters. */
  get size(): number {
    return this.items.size;
  }

  has(name: string): boolean {
    return this.items.has(name);
  }

  /** The parameter of a name. */
  get(name: string): Parameter {
    const found = this.items.get(name);
    if (found !== undefined) return found;
    throw new DownhillError(
      `ParameterDict.get: there is no parameter ${show(name)}`,
      this.size === 0 ? "it is empty" : `it has ${[...this.items.keys()].map(show).join(", ")}`,
    );
  }

  /** Adds a parameter, or puts it in the place of another. */
  set(name: string, parameter: Parameter): this {
    checkPartName("ParameterDict", name);
    this.items.set(name, checked("ParameterDict", name, parameter));
    return this;
  }

  /** Takes a parameter out and gives it. Same as pop. */
  pop(name: string): Parameter {
    const parameter = this.get(name);
    this.items.delete(name);
    return parameter;
  }

  /** Adds parameters, or puts them in the places of others. */
  update(parameters: Readonly<Record<string, Parameter>> | Iterable<readonly [string, Parameter]>): this {
    const pairs = Symbol.iterator in parameters ? parameters : Object.entries(parameters);
    for (const [name, parameter] of pairs) this.set(name, parameter);
    return this;
  }

  keys(): IterableIterator<string> {
    return this.items.keys();
  }

  values(): IterableIterator<Parameter> {
    return this.items.values();
  }

  entries(): IterableIterator<[string, Parameter]> {
    return this.items.entries();
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.items.entries();
  }

  /** @internal */
  override *ownParameters(): Generator<[string, Parameter]> {
    yield* this.items;
    yield* super.ownParameters();
  }

  override forward(..._: never[]): unknown {
    throw notCalled("ParameterDict");
  }

  override extraRepr(): string {
    return lines(this.ownParameters());
  }
}
