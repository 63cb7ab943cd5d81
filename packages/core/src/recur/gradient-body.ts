import { grad } from "../autograd/grad.js";
import { isGradEnabled, withGrad } from "../autograd/mode.js";
import { isFloat } from "../dtype.js";
import { toExpanded } from "../ops/view.js";
import { newestNode, type Node } from "../program/node.js";
import { scalar, type Tensor } from "../tensor.js";
import type { Body, Turn } from "./body.js";
import { type Later, postponedSum } from "./postponed-sum.js";

/** How many of each kind of arguments a body has, and of which a gradient is wanted. */
export interface Kinds {
  readonly carries: number;
  readonly outs: number;
  readonly x: readonly boolean[];
  readonly constants: readonly boolean[];
}

/**
 * The gradient of a recurrence is a recurrence that goes through the turns the other way round. Its carry is the
 * gradient of the state after a turn; its sequences are, in this order, gradients of the states before each turn (if
 * `withStates`), gradients of what was kept, the states before each turn, and the sequences themselves. Of each turn it
 * keeps the gradients of those sequences that want one, and then whatever the gradients of constants are made of.
 */
export interface GradientBody {
  readonly body: Body;
  /** How the gradients of the constants that want one come of what was kept; known once `body` has been recorded. */
  readonly sums: readonly Later[];
  /** Of the last recording: the turn itself, and the newest Node that belongs to it. */
  readonly turn: Turn;
  readonly boundary: number;
}

/** Gradient of the arguments in `wanted`, of a turn that gave `values`; null where there is none. */
function gradients(
  values: readonly Tensor[],
  given: readonly Tensor[],
  wanted: readonly Tensor[],
  createGraph: boolean,
): (Tensor | null)[] {
  const ends = [...values.keys()].filter((k) => values[k]!.requiresGrad && isFloat(values[k]!.dtype));
  if (ends.length === 0) return wanted.map(() => null);
  const options = { gradOutputs: ends.map((k) => given[k]!), allowUnused: true, createGraph } as const;
  return grad(
    ends.map((k) => values[k]!),
    wanted,
    options,
  );
}

const none = ({ shape, dtype, device }: Tensor): Tensor => toExpanded(scalar(0, dtype, device), shape);

export function gradientBody(body: Body, kinds: Kinds, withStates: boolean): GradientBody {
  const { carries, outs } = kinds;
  const states = withStates ? carries : 0;
  const made: { -readonly [K in keyof GradientBody]: GradientBody[K] } = {
    sums: [],
    turn: { carry: [], out: [] },
    boundary: 0,
    body(carry, x, constants) {
      const [toStates, toOuts] = [x.slice(0, states), x.slice(states, states + outs)];
      const [before, rows] = [x.slice(states + outs, states + outs + carries), x.slice(states + outs + carries)];
      const ofRows = rows.filter((_, i) => kinds.x[i]!);
      const ofConstants = constants.filter((_, i) => kinds.constants[i]!);
      const wanted = [...before, ...ofRows, ...ofConstants];
      const createGraph = isGradEnabled();
      const found = withGrad(true, () => {
        for (const { node } of wanted) node.requiresGrad = true;
        made.turn = body(before, rows, constants);
        made.boundary = newestNode();
        return gradients([...made.turn.carry, ...made.turn.out], [...carry, ...toOuts], wanted, createGraph);
      });
      const moving = new Map<Node, number>();
      [...carry, ...x].forEach(({ node }, k) => moving.set(node, k));
      const kept = ofRows.map((row, i) => found[carries + i] ?? none(row));
      made.sums = ofConstants.map((constant, i) =>
        postponedSum(found[carries + ofRows.length + i] ?? none(constant), moving, kept),
      );
      const back = before.map((state, k) => {
        const gradient = found[k] ?? none(state);
        return withStates ? gradient.add(toStates[k]!) : gradient;
      });
      return { carry: back, out: kept };
    },
  };
  return made;
}
