import { setWatch, watch } from "../autograd/anomaly-watch.js";
import { withGrad } from "../autograd/mode.js";
import type { Device } from "../backend/device.js";
import { type Node, enterSegment } from "../program/node.js";
import { enter, leave } from "../program/scope.js";
import { ShapeError, ValueError } from "../errors.js";
import { sameShape, text } from "../shape.js";
import { Tensor } from "../tensor.js";
import type { Body } from "./body.js";
import { type GradientBody, gradientBody, type Kinds } from "./gradient-body.js";
import type { Later } from "./postponed-sum.js";
import { blank, cutAt, type Form, type RecordedBody, recordedBody } from "./recorded-body.js";

/** Shapes and dtypes of a body's arguments; of sequences, those of a row. */
export interface Forms {
  readonly carry: readonly Form[];
  readonly x: readonly Form[];
  readonly constants: readonly Form[];
}

/** A body and its gradient, for arguments of some forms. */
export interface Pair {
  readonly key: string;
  readonly kinds: Kinds;
  /** Keeps, after the body's own, what the gradient reads of a turn. */
  readonly forward: RecordedBody;
  /** The gradient without the turn: what it reads of that follows its other arguments. */
  readonly backward: RecordedBody;
  readonly sums: readonly Later[];
}

/** What has been made of a body, by the forms of its arguments; the oldest goes when there are many. */
class Known {
  readonly recorded: Map<string, RecordedBody> = new Map();
  readonly pairs: Map<string, Pair> = new Map();
  readonly gradients: Map<string, GradientBody> = new Map();
}

const most = 64;
const bodies = /* @__PURE__ */ new WeakMap<Body, Known>();

function known(body: Body): Known {
  let found = bodies.get(body);
  if (found === undefined) bodies.set(body, (found = new Known()));
  return found;
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  let found = map.get(key);
  if (found === undefined) {
    if (map.size >= most) map.delete(map.keys().next().value!);
    map.set(key, (found = make()));
  }
  return found;
}

function keyOf({ carry, x, constants }: Forms): string {
  const text = (forms: readonly Form[]): string =>
    forms.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(" ");
  return `${text(carry)}|${text(x)}|${text(constants)}`;
}

/**
 * Records something that is never computed: nobody sees its Nodes, no checkpoint makes them again, and anomaly mode looks
 * for no NaN in what has no values.
 */
function aside<T>(grad: boolean, fn: () => T): T {
  const scope = enter();
  const segment = enterSegment(null);
  const watching = watch;
  setWatch(null);
  try {
    return withGrad(grad, fn);
  } finally {
    setWatch(watching);
    enterSegment(segment);
    leave(scope);
  }
}

const blanks = (forms: readonly Form[], device: Device): Tensor[] => forms.map((form) => blank(form, device));

/** A body as a Program, without gradients. */
export function recordedOf(body: Body, forms: Forms, device: Device): RecordedBody {
  return remembered(known(body).recorded, keyOf(forms), () =>
    aside(false, () => {
      const carry = blanks(forms.carry, device);
      const x = blanks(forms.x, device);
      const constants = blanks(forms.constants, device);
      const made = body(carry, x, constants);
      checkState(carry, made.carry);
      if (made.carry.length + made.out.length === 0) throw new ValueError("recur: the body gives nothing");
      return recordedBody([...carry, ...x, ...constants], made.carry, made.out);
    }),
  );
}

function checkState(before: readonly Tensor[], after: readonly Tensor[]): void {
  if (before.length !== after.length)
    throw new ShapeError(`recur: the body gets a state of ${before.length} tensors and gives one of ${after.length}`);
  before.forEach(({ shape, dtype }, k) => {
    const next = after[k]!;
    if (next.dtype === dtype && sameShape(next.shape, shape)) return;
    throw new ShapeError(
      `recur: state ${k} is ${dtype} ${text(shape)} before a turn and ${next.dtype} ${text(next.shape)} after it`,
      "begin with a state of the shape and dtype that the body gives",
    );
  });
}

/** A body and its gradient as Programs. */
export function pairOf(body: Body, forms: Forms, wanted: Pick<Kinds, "x" | "constants">, device: Device): Pair {
  const key = `${keyOf(forms)}|${wanted.x.map(Number).join("")}|${wanted.constants.map(Number).join("")}`;
  return remembered(known(body).pairs, key, () => {
    const { stackForms, carryForms, found } = recordedOf(body, forms, device);
    const outForms = found.map((place) => (place.in === "carry" ? carryForms : stackForms)[place.k]!);
    const kinds: Kinds = { carries: forms.carry.length, outs: outForms.length, ...wanted };
    return aside(false, () => {
      const gradient = gradientBody(body, kinds, false);
      const carry = blanks(forms.carry, device);
      const x = blanks([...outForms, ...forms.carry, ...forms.x], device);
      const constants = blanks(forms.constants, device);
      const args = [...carry, ...x, ...constants];
      const back = gradient.body(carry, x, constants);
      const { turn, boundary } = gradient;
      const read = readOfTurn([...back.carry, ...back.out], boundary);
      const forward = recordedBody(args, turn.carry, [...turn.out, ...read.map((node) => new Tensor(node))]);
      cutAt(read);
      const backward = recordedBody([...args, ...read.map((node) => new Tensor(node))], back.carry, back.out);
      return { key, kinds, forward, backward, sums: gradient.sums };
    });
  });
}

/** The gradient of a body as a body, whose turns are done again in it. */
export function gradientBodyOf(body: Body, { key, kinds }: Pair, withStates: boolean): GradientBody {
  return remembered(known(body).gradients, `${key}|${withStates}`, () => gradientBody(body, kinds, withStates));
}

/** What the gradient reads of the turn: its values up to Node `boundary`, views seen through. Others are made again. */
function readOfTurn(ends: readonly Tensor[], boundary: number): Node[] {
  const met = new Set<Node>();
  const read = new Set<Node>();
  const stack = ends.map(({ node }) => node);
  const { dtype } = ends[0]!;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.isLeaf || met.has(node)) continue;
    met.add(node);
    if (node.id <= boundary && !node.op.isView && node.dtype === dtype) read.add(node);
    else stack.push(...node.srcs);
  }
  return [...read];
}
