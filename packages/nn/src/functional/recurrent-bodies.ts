import { type Tensor, where } from "@downhill/core";
import type { Body } from "@downhill/core/engine";

// One turn of each recurrent net: carry, this turn's projected input, and [weightHh, biasHh?, weightHr?]. The projection
// of the input is done for all turns before, so that it is one matrix product.

/** h' = tanh(x + h · weightHhᵀ). */
const tanh: Body = ([h], [x], [weight]) => kept(x!.add(h!.matmul(weight!.t())).tanh());
const relu: Body = ([h], [x], [weight]) => kept(x!.add(h!.matmul(weight!.t())).relu());

/**
 * Gates i, f, g, o, one beside the other: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), and, with a third weight,
 * h' · weightHrᵀ. Hochreiter and Schmidhuber, 1997; projection: Sak et al., 2014.
 */
const lstm: Body = ([h, c], [x], [weight, projection]) => {
  const [i, f, g, o] = parts(x!.add(h!.matmul(weight!.t())), 4) as [Tensor, Tensor, Tensor, Tensor];
  const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh()));
  const out = o.sigmoid().mul(cell.tanh());
  return kept(projection === undefined ? out : out.matmul(projection.t()), cell);
};

/** Gates r, z, n: n = tanh(xₙ + σ(r) (h · weightHhᵀ + biasHh)ₙ), h' = (1 - σ(z)) n + σ(z) h. Cho et al., 2014. */
const gru: Body = ([h], [x], [weight, bias]) => {
  const product = h!.matmul(weight!.t());
  const own = parts(bias === undefined ? product : product.add(bias), 3) as [Tensor, Tensor, Tensor];
  const given = parts(x!, 3) as [Tensor, Tensor, Tensor];
  const reset = given[0].add(own[0]).sigmoid();
  const update = given[1].add(own[1]).sigmoid();
  const next = given[2].add(reset.mul(own[2])).tanh();
  return kept(next.add(update.mul(h!.sub(next))));
};

const kept = (h: Tensor, ...rest: Tensor[]): ReturnType<Body> => ({ carry: [h, ...rest], out: [h] });

function parts(x: Tensor, count: number): Tensor[] {
  const width = x.shape.at(-1)! / count;
  return Array.from({ length: count }, (_, k) => x.narrow(-1, k * width, width));
}

/** The same body for samples of several lengths: where the last sequence, of ones and zeros, is 0, the state stays. */
const masked = (body: Body): Body => {
  return (carry, x, constants) => {
    const on = x.at(-1)!.gt(0);
    const made = body(carry, x.slice(0, -1), constants);
    const next = made.carry.map((state, k) => where(on, state, carry[k]!));
    return { carry: next, out: [next[0]!] };
  };
};

/** What a kind of recurrent net does in a turn, and how many gates its weights hold. */
export interface RecurrentKind {
  readonly gates: number;
  readonly states: number;
  /** The bias of the state is not a part of the projected input. */
  readonly addsBias: boolean;
  readonly body: Body;
  readonly masked: Body;
}

const kind = (gates: number, states: number, addsBias: boolean, body: Body): RecurrentKind => ({
  gates,
  states,
  addsBias,
  body,
  masked: masked(body),
});

export const kinds: Readonly<Record<"tanh" | "relu" | "lstm" | "gru", RecurrentKind>> = {
  tanh: /* @__PURE__ */ kind(1, 1, false, tanh),
  relu: /* @__PURE__ */ kind(1, 1, false, relu),
  lstm: /* @__PURE__ */ kind(4, 2, false, lstm),
  gru: /* @__PURE__ */ kind(3, 1, true, gru),
};

/** The weights of one layer in one direction. */
export interface RecurrentWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  readonly weightHr: Tensor | null;
}

/** Projects the input of all turns. */
export function projected({ addsBias }: RecurrentKind, x: Tensor, weights: RecurrentWeights): Tensor {
  const { weightIh, biasIh, biasHh } = weights;
  const product = x.matmul(weightIh.t());
  if (biasIh === null || biasHh === null) return product;
  return product.add(addsBias ? biasIh : biasIh.add(biasHh));
}

/** What is the same in all turns. */
export function constantsOf({ addsBias }: RecurrentKind, weights: RecurrentWeights): Tensor[] {
  const { weightHh, biasHh, weightHr } = weights;
  return [weightHh, ...(addsBias && biasHh !== null ? [biasHh] : []), ...(weightHr === null ? [] : [weightHr])];
}
