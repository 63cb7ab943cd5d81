import { isGradEnabled, withGrad } from "../autograd/mode.js";
import { watch } from "../autograd/anomaly-watch.js";
import type { FunctionBackward, OutputBackward } from "../autograd/rule.js";
import { copied, toExpanded } from "../ops/view.js";
import { type Node, scalarNode } from "../program/node.js";
import { isFloat } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { cast } from "../ops/cast.js";
import { sizeOf } from "../shape.js";
import { composite, scalar, Tensor } from "../tensor.js";
import type { Body } from "./body.js";
import { gradientBodyOf, type Pair, pairOf, recordedOf } from "./known-bodies.js";
import { type Operand, recordRecur } from "./record-recur.js";
import type { Form, RecordedBody } from "./recorded-body.js";
import { type Line, Stacks } from "./stacks.js";

/** What a recurrence runs on. */
export interface Recurrence {
  /** The state before the first turn. */
  readonly carry: readonly Tensor[];
  /** Sequences, [steps, ...]: each turn gets a row of each. At least one. */
  readonly x: readonly Tensor[];
  /** What is the same in all turns. */
  readonly constants?: readonly Tensor[];
  /** Go from the last row to the first. Default false. */
  readonly reverse?: boolean;
  /** What errors and anomaly mode call it. Default "recur". */
  readonly name?: string;
}

/** What a recurrence gives. */
export interface Recurred {
  /** The state after the last turn. */
  readonly carry: readonly Tensor[];
  /** What was kept of each turn, [steps, ...], in the order of the sequences. */
  readonly out: readonly Tensor[];
}

/** States are handed on in float32, and rounded once when the turns are over. */
const widened = (x: Tensor): Tensor => (x.dtype === "float16" ? cast(x, "float32") : x);

function checkSteps(where: string, x: readonly Tensor[]): void {
  const steps = x[0]?.shape[0] ?? 0;
  if (steps === 0) throw new ShapeError(`${where}: needs a sequence of at least one step`);
  const other = x.find(({ shape }) => shape[0] !== steps);
  if (other !== undefined)
    throw new ShapeError(`${where}: sequences of ${steps} and ${other.shape[0] ?? 0} steps, [steps, ...] each`);
}

interface Given {
  readonly carry: readonly Tensor[];
  readonly x: readonly Tensor[];
  readonly constants: readonly Tensor[];
}

interface Made extends Recurred {
  /** State `k` before each turn, [steps, ...]. */
  state(k: number): Tensor;
}

/** A row as long as a tensor's, without its first dim. */
const rowOf = ({ shape, dtype }: Tensor): Form => ({ shape: shape.slice(1), dtype });

const sequence = (x: Tensor): Line => ({ start: 0, step: sizeOf(x.shape.slice(1)) });
const still: Line = { start: 0, step: 0 };

/**
 * Runs a body once for each row of some sequences, from a state that each turn hands on to the next: what `jax.lax.scan`
 * does. The body is recorded and compiled once, however long the sequences are; a Program has one Node for all turns.
 * Its gradient is again a recurrence, so it differentiates again; gradients of what is the same in all turns are summed
 * when the turns are over, a weight's as one matrix product. The body reads nothing by index and draws no random
 * numbers: do that for all turns before. All that a turn gives is of one float dtype; float16 is
 * computed in float32.
 *
 * @throws ValueError when the body does what it may not.
 *
 * @example
 * import { type Body, recur } from "@downhill/core/engine";
 *
 * const fade: Body = ([level], [row]) => {
 *   const next = level!.mul(0.5).add(row!);
 *   return { carry: [next], out: [next] };
 * };
 * const { out } = recur(fade, { carry: [zeros([1])], x: [tensor([[1], [2], [4]])] });
 * console.log(out[0]!); // tensor([[1.0000], [2.5000], [5.2500]])
 */
export const recur: (body: Body, given: Recurrence) => Recurred = composite((body, given) => {
  const { carry, x, constants = [], reverse = false, name = "recur" } = given;
  checkSteps(name, x);
  const wide = { carry: carry.map(widened), x: x.map(widened), constants: constants.map(widened) };
  const { carry: last, out } = turn(name, body, wide, reverse);
  const isHalf = [...carry, ...x, ...constants].every(({ dtype }) => dtype === "float16" || !isFloat(dtype));
  const result = (value: Tensor): Tensor => (isHalf ? cast(value, "float16") : value);
  return { carry: last.map(result), out: out.map(result) };
});

function turn(name: string, body: Body, given: Given, reverse: boolean): Made {
  const { carry, x, constants } = given;
  const inputs = [...carry, ...x, ...constants];
  const steps = x[0]!.shape[0]!;
  const { device } = x[0]!;
  const forms = { carry, x: x.map(rowOf), constants };
  const wants = ({ requiresGrad }: Tensor): boolean => isGradEnabled() && requiresGrad;
  const operand = (own: (k: number) => Line): ((k: number) => Operand) => {
    return (k) => {
      if (k < carry.length) return { tensor: null, line: own(k) };
      const tensor = inputs[k]!;
      return { tensor, line: k < carry.length + x.length ? sequence(tensor) : still };
    };
  };
  let recorded: RecordedBody;
  let pair: Pair | null = null;
  const records = inputs.some(wants);
  if (records) {
    pair = pairOf(body, forms, { x: x.map(wants), constants: constants.map(wants) }, device);
    recorded = pair.forward;
  } else recorded = recordedOf(body, forms, device);
  const stacks = new Stacks(recorded, steps, reverse);
  const argument = operand((k) => stacks.before(k));
  const shift = pair === null ? 0 : carry.length + pair.kinds.outs;
  const whole = recordRecur(recorded, stacks, carry, (k) => argument(k - shift));
  const found = recorded.found.slice(0, pair === null ? undefined : pair.kinds.outs);
  const call = pair === null ? null : scalarNode(0, carry[0]?.dtype ?? whole.dtype, device);
  const own = (make: () => Tensor, index: number): Tensor => {
    const view = withGrad(false, make);
    if (call === null) return view;
    const output = view.node === whole.node ? withGrad(false, () => copied(view)) : view;
    const backward: OutputBackward = { kind: "output", index };
    output.node.requiresGrad = true;
    output.node.parents = [call];
    output.node.backward = backward;
    return output;
  };
  const states = new Map<number, Tensor>();
  const made: Made = {
    carry: carry.map((_, k) => own(() => stacks.final(whole, k), k)),
    out: found.map((place, j) =>
      own(() => stacks.rows(whole, stacks.lineOf(place), stacks.formOf(place)), carry.length + j),
    ),
    state(k) {
      let state = states.get(k);
      if (state === undefined) {
        state = own(() => stacks.rows(whole, stacks.before(k), carry[k]!), carry.length + found.length + k);
        states.set(k, state);
      }
      return state;
    },
  };
  if (call !== null) {
    watch?.remember(call);
    call.requiresGrad = true;
    call.parents = inputs.map(({ node }) => node);
    call.backward = new Call(name, body, pair!, stacks, whole.node, given, made);
  }
  return made;
}

/** How a recurrence passes gradients on. */
class Call implements FunctionBackward {
  readonly kind = "function";
  private readonly outForms: readonly Form[];
  private readonly nodes: { readonly [K in keyof Given]: readonly Node[] };

  constructor(
    readonly name: string,
    private readonly body: Body,
    private readonly pair: Pair,
    private readonly stacks: Stacks,
    private readonly whole: Node,
    given: Given,
    private readonly made: Made,
  ) {
    this.outForms = made.out.map(({ shape, dtype }) => ({ shape, dtype }));
    const nodes = (tensors: readonly Tensor[]): Node[] => tensors.map(({ node }) => node);
    this.nodes = { carry: nodes(given.carry), x: nodes(given.x), constants: nodes(given.constants) };
  }

  run(received: ReadonlyMap<number, Tensor>, value: (node: Node) => Node): (Tensor | null)[] {
    const { nodes, pair, outForms } = this;
    const { kinds } = pair;
    const values = (list: readonly Node[]): Tensor[] => list.map((node) => new Tensor(value(node)));
    const x = values(nodes.x);
    const constants = values(nodes.constants);
    const zeros = ({ shape, dtype }: Form): Tensor => toExpanded(scalar(0, dtype, this.whole.device), shape);
    const toCarry = nodes.carry.map((node, k) => received.get(k) ?? zeros(node));
    const first = kinds.carries + kinds.outs;
    const withStates = [...received.keys()].some((index) => index >= first);
    const out = outForms.map((_, j) => received.get(kinds.carries + j) ?? null);
    const result =
      withStates || isGradEnabled()
        ? this.recorded(
            toCarry,
            out.map((grad, j) => grad ?? zeros(outForms[j]!)),
            withStates ? nodes.carry.map((_, k) => received.get(first + k) ?? zeros(this.made.state(k))) : null,
            x,
            constants,
          )
        : this.fromStacks(toCarry, out, x, constants, new Tensor(value(this.whole)));
    const rows = result.x.values();
    const sums = result.constants.values();
    const next = (wanted: boolean, list: Iterator<Tensor>): Tensor | null =>
      wanted ? (list.next().value as Tensor) : null;
    return [
      ...result.carry,
      ...kinds.x.map((wanted) => next(wanted, rows)),
      ...kinds.constants.map((wanted) => next(wanted, sums)),
    ];
  }

  /** The gradients without a graph of their own: of the forward pass, what they need was kept. */
  private fromStacks(
    toCarry: readonly Tensor[],
    toOut: readonly (Tensor | null)[],
    x: readonly Tensor[],
    constants: readonly Tensor[],
    whole: Tensor,
  ): Given {
    const { pair, stacks, outForms } = this;
    const { backward, kinds, sums } = pair;
    const { carries, outs } = kinds;
    const { steps, reverse } = stacks;
    const back = new Stacks(backward, steps, !reverse);
    const [fromOuts, fromStates] = [carries, carries + outs];
    const fromX = fromStates + carries;
    const fromConstants = fromX + x.length;
    const fromKept = fromConstants + constants.length;
    const argument = (k: number): Operand => {
      if (k < fromOuts) return { tensor: null, line: back.before(k) };
      if (k < fromStates) {
        const form = outForms[k - fromOuts]!;
        const tensor = toOut[k - fromOuts]!;
        if (tensor !== null) return { tensor, line: sequence(tensor) };
        const { shape, dtype } = form;
        return { tensor: toExpanded(scalar(0, dtype, whole.device), shape.slice(1)), line: still };
      }
      if (k < fromX) return { tensor: whole, line: stacks.before(k - fromStates) };
      if (k < fromConstants) return { tensor: x[k - fromX]!, line: sequence(x[k - fromX]!) };
      if (k < fromKept) return { tensor: constants[k - fromConstants]!, line: still };
      return { tensor: whole, line: stacks.lineOf(pair.forward.found[outs + k - fromKept]!) };
    };
    const found = recordRecur(backward, back, toCarry, argument);
    const kept = (k: number): Tensor => {
      const place = backward.found[k]!;
      return back.rows(found, back.lineOf(place), back.formOf(place));
    };
    const stacked = (k: number): Tensor => {
      if (k < fromOuts) return back.rows(found, back.before(k), backward.carryForms[k]!);
      const { tensor, line } = argument(k);
      if (tensor === whole) return stacks.rows(whole, line, pair.forward.carryForms[k - fromStates]!);
      return line.step === 0 ? toExpanded(tensor!, [steps, ...tensor!.shape]) : tensor!;
    };
    const rows = kinds.x.filter((wanted) => wanted).length;
    return {
      carry: toCarry.map((_, k) => back.final(found, k)),
      x: Array.from({ length: rows }, (_, i) => kept(i)),
      constants: sums.map((sum) => sum({ argument: stacked, kept })),
    };
  }

  /** The gradients as a recurrence that differentiates again; each turn of the forward pass is done once more in it. */
  private recorded(
    toCarry: readonly Tensor[],
    toOut: readonly Tensor[],
    toStates: readonly Tensor[] | null,
    x: readonly Tensor[],
    constants: readonly Tensor[],
  ): Given {
    const { name, pair, stacks, made } = this;
    const { kinds } = pair;
    const sequences = [...(toStates ?? []), ...toOut, ...toCarry.map((_, k) => made.state(k)), ...x];
    const gradient = gradientBodyOf(this.body, pair, toStates !== null);
    const given = { carry: toCarry, x: sequences, constants };
    const found = turn(`gradient of ${name}`, gradient.body, given, !stacks.reverse);
    const rows = kinds.x.filter((wanted) => wanted).length;
    const stacked = {
      argument: (k: number): Tensor => (k < kinds.carries ? found.state(k) : sequences[k - kinds.carries]!),
      kept: (k: number): Tensor => found.out[k]!,
    };
    return { carry: found.carry, x: found.out.slice(0, rows), constants: gradient.sums.map((sum) => sum(stacked)) };
  }
}
