import { type RecordedNode, type Tensor, ValueError } from "@downhill/core";
import { checkOptions, flush, show } from "@downhill/core/engine";
import { Optimizer } from "./optimizer.js";
import type { ParamState } from "./param-state.js";
import { type RecordedUpdate, recordUpdate } from "./recorded-update.js";
import { formulaOf, resolve, type Word } from "./step-formula.js";

/** The options of `explainStep`. */
export interface ExplainStepOptions {
  /** Which element of the tensor the numbers are of, an index for each dim. Default: the first. */
  readonly element?: readonly number[];
}

/** A line of an explanation: a quantity of the update, how it was computed, and its value. */
export interface StepTerm {
  /**
   * `grad`, a name of the optimizer's state, `decayed` (the value after weight decay), `change` (what is subtracted from
   * it), `param` (the next value); t1, t2, … for anything else that is used more than once.
   */
  readonly name: string;
  /** As the optimizer computed it: `momentumBuffer · momentum + grad · (1 - dampening)`. Empty for `grad`. */
  readonly formula: string;
  /** The formula with its numbers put in. */
  readonly numbers: string;
  /** What it was before the step; null for what only the step makes. */
  readonly before: number | null;
  readonly value: number;
}

/** A number of the update that the optimizer computes from settings, such as a bias correction. */
export interface StepNumber {
  /** `lr / (1 - betas[0] ^ step)`. */
  readonly formula: string;
  readonly value: number;
}

/** What the next step of an optimizer will do with one element of a tensor. Prints as lines of text. */
export class StepExplanation {
  /** The optimizer's class. */
  readonly optimizer: string;
  /** The settings, and the numbers of the state, that go into it: `lr`, `betas[0]`, `step`. */
  readonly settings: Readonly<Record<string, number>>;
  /** The numbers that it computes from several of them, or otherwise than as they are. */
  readonly numbers: readonly StepNumber[];
  /** In the order they are computed, first `grad`. */
  readonly terms: readonly StepTerm[];

  constructor({ optimizer, settings, numbers, terms }: Omit<StepExplanation, "toString">) {
    this.optimizer = optimizer;
    this.settings = settings;
    this.numbers = numbers;
    this.terms = terms;
  }

  /** Each term as it is computed, with its numbers, and what comes of it. */
  toString(): string {
    const lines = this.terms.flatMap(({ name, formula, numbers, before, value }) => {
      if (formula === "") return [`${name} = ${numberText(value)}`];
      const sign = before === null ? "=" : "←";
      return [`${name} ${sign} ${formula}`, `${" ".repeat(name.length)} = ${numbers} = ${numberText(value)}`];
    });
    const settings = Object.entries(this.settings).map(([name, value]) => `${name} = ${numberText(value)}`);
    return [`${this.optimizer} with ${settings.join(", ")}`, ...lines].join("\n");
  }
}

/**
 * Tells what the next `step` will do with a tensor: runs the optimizer's own update on copies, and reads from what that
 * records which formula it is and which numbers go into it. Call it between `backward` and `step`; nothing changes. It
 * reads whole tensors, so it is for looking, not for loops that have to be fast.
 *
 * @param param A tensor that the optimizer updates, with a gradient.
 * @throws ValueError for a tensor that is not the optimizer's or has no gradient, for an element that it does not have,
 *   and for optimizers that do not update each tensor by itself (LBFGS).
 *
 * @example
 * const w = tensor(2, { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.25, momentum: 0.5 });
 * w.mul(w).backward();
 * const { terms } = await explainStep(optimizer, w);
 * terms.map(({ name }) => name); // ["grad", "momentumBuffer", "change", "param"]
 * terms.map(({ formula, numbers }) => [formula, numbers])[2]; // ["momentumBuffer · lr", "4 · 0.25"]
 */
export async function explainStep<G extends object, S extends ParamState>(
  optimizer: Optimizer<G, S>,
  param: Tensor,
  options: ExplainStepOptions = {},
): Promise<StepExplanation> {
  checkOptions("explainStep", options, ["element"]);
  if (!((optimizer as unknown) instanceof Optimizer))
    throw new ValueError(
      `explainStep: needs an optimizer that updates each tensor by itself, got ${show(optimizer)}`,
      "pass an SGD, an Adam or another subclass of Optimizer",
    );
  const group = optimizer.paramGroups.find(({ params }) => params.includes(param));
  if (group === undefined) throw new ValueError(`explainStep: this is no tensor of the optimizer: ${show(param)}`);
  const { grad } = param;
  if (grad === null)
    throw new ValueError("explainStep: the tensor has no gradient", "call it between loss.backward() and step()");
  const element = elementOf(param, options.element);

  return explained(optimizer.constructor.name, recordUpdate(optimizer, param, grad, group), element);
}

/** Puts the numbers of one element into the formulas of what was recorded. */
async function explained(
  optimizer: string,
  { nodes, old, next, result, settings, sourceOf }: RecordedUpdate,
  element: readonly number[],
): Promise<StepExplanation> {
  const names = new Map<number, string>();
  for (const [name, place] of old) names.set(place, next.has(name) ? `old ${name}` : name);
  for (const [name, place] of next) if (place !== old.get(name)) names.set(place, name);
  const roots = [...next].filter(([name, place]) => place !== old.get(name)).map(([, place]) => place);
  nameTerms(nodes, names, roots, result);

  const values = await valuesAt(nodes, old, element);
  const valueOf = (place: number): number => values.get(place) ?? NaN;
  const formulas = new Map<number, string>();
  const numbers = new Map<string, number>();
  for (const [place, { number, tensor }] of nodes.entries()) {
    if (number === null) continue;
    const source = sourceOf(tensor);
    const formula = (source && settings.formulaOf(source)) ?? numberText(number);
    formulas.set(place, formula);
    if (formula !== numberText(number) && !settings.given.has(formula)) numbers.set(formula, number);
  }
  const terms: StepTerm[] = [
    { name: "grad", formula: "", numbers: "", before: null, value: valueOf(old.get("grad")!) },
  ];
  for (const [place, name] of [...names].sort(([a], [b]) => a - b)) {
    if (nodes[place]!.inputs.length === 0 || name.startsWith("old ")) continue;
    const own = old.get(name); // in its own formula, a variable's old value goes by its name
    const isNamed = (at: number): boolean => at === own || names.has(at);
    const inWords: Word = (at) => (at === own ? name : (names.get(at) ?? formulas.get(at) ?? null));
    const inNumbers: Word = (at, whole) => {
      const { number, shape } = nodes[at]!;
      if (number !== null) return numberText(number);
      if (!isNamed(at)) return null;
      return whole && shape.some((size) => size > 1) ? `[${shape.join(", ")}]` : numberText(valueOf(at));
    };
    terms.push({
      name,
      formula: formulaOf(nodes, place, inWords),
      numbers: formulaOf(nodes, place, inNumbers),
      before: own === undefined ? null : valueOf(own),
      value: valueOf(place),
    });
  }
  return new StepExplanation({
    optimizer,
    settings: Object.fromEntries(settings.given),
    numbers: [...numbers].map(([formula, value]) => ({ formula, value })),
    terms,
  });
}

/** Names what has no name yet: the next value, what is subtracted for it, and what several terms share. */
function nameTerms(
  nodes: readonly RecordedNode[],
  names: Map<number, string>,
  roots: readonly number[],
  result: number,
): void {
  const isOpen = (place: number): boolean => !names.has(place) && nodes[place]!.inputs.length > 0;
  let start = resolve(nodes, result);
  const changes: number[] = [];
  while (nodes[start]!.op === "sub" && isOpen(start)) {
    const [from, change] = nodes[start]!.inputs.map((input) => resolve(nodes, input));
    if (isOpen(change!)) changes.unshift(change!);
    start = from!;
  }
  names.set(resolve(nodes, result), "param");
  changes.forEach((place, i) => names.set(place, changes.length === 1 ? "change" : `change${i + 1}`));
  if (isOpen(start)) names.set(start, "decayed");

  const uses = new Map<number, number>();
  const met = new Set<number>();
  const visit = (place: number): void => {
    if (met.has(place)) return;
    met.add(place);
    for (const input of nodes[place]!.inputs.map((at) => resolve(nodes, at))) {
      uses.set(input, (uses.get(input) ?? 0) + 1);
      visit(input);
    }
  };
  for (const place of [...roots, resolve(nodes, result)]) visit(place);
  let shared = 0;
  for (const [place, count] of [...uses].sort(([a], [b]) => a - b))
    if (count > 1 && isOpen(place)) names.set(place, `t${++shared}`);
}

/** By place, the element of each value that it has one in. */
async function valuesAt(
  nodes: readonly RecordedNode[],
  old: ReadonlyMap<string, number>,
  element: readonly number[],
): Promise<Map<number, number>> {
  // What is overwritten when this is computed is read from its copy.
  const copies = new Map(
    [...old.values()].map((place) => [
      place,
      nodes.findIndex(({ name, inputs }) => name !== null && inputs[0] === place),
    ]),
  );
  const tensors = nodes.flatMap(({ number, tensor }, place) => {
    const copy = copies.get(place);
    return number === null ? [[place, copy === undefined ? tensor : nodes[copy]!.tensor] as const] : [];
  });
  flush(...tensors.map(([, tensor]) => tensor));
  const read = await Promise.all(
    tensors.map(async ([place, tensor]) => [place, await elementAt(tensor, element)] as const),
  );
  return new Map(read);
}

/** The element of a tensor that belongs to an element of a larger one, by the rules of broadcasting; NaN where none does. */
async function elementAt(tensor: Tensor, element: readonly number[]): Promise<number> {
  const { shape } = tensor;
  const data = await tensor.data();
  const lead = element.length - shape.length;
  let at = 0;
  for (const [dim, size] of shape.entries()) {
    const index = size === 1 ? 0 : (element[dim + lead] ?? NaN);
    if (!(index < size)) return NaN;
    at = at * size + index;
  }
  return Number(data[at]);
}

function elementOf(param: Tensor, element: readonly number[] = param.shape.map(() => 0)): readonly number[] {
  const { shape } = param;
  const fits =
    element.length === shape.length &&
    element.every((index, dim) => Number.isInteger(index) && index >= 0 && index < shape[dim]!);
  if (!fits)
    throw new ValueError(
      `explainStep: element must be an index for each dim of shape [${shape.join(", ")}], got ${show(element)}`,
    );
  return element;
}

const numberText = (x: number): string => String(Number(x.toPrecision(5)));
