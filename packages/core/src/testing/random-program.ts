import type { TypedArray } from "../dtype.js";
import type { Program, ProgramOutput } from "../program/program.js";
import { sameShape, sizeOf } from "../shape.js";
import { most, ProgramBuilder } from "./program-builder.js";
import { randomDTypes, randomOp } from "./random-ops.js";

/** One step of a random Program, as numbers: which op, which values so far, and details such as a dim. */
export type ProgramStep = readonly [op: number, first: number, second: number, third: number, detail: number];

/** A Program with what to run it on. */
export interface RandomProgram {
  readonly program: Program;
  readonly inputs: readonly TypedArray[];
  readonly scalars: readonly number[];
  /** How far two right results may be apart, by output: 0 for integers and for arithmetic that rounds in one way only. */
  readonly errors: readonly number[];
}

const sizes = [1, 2, 3, 4, 5, 7, 8, 1, 2, 3, 16, 19, 0, 33];

/** Makes a Program of random steps: every kind of primitive, several outputs, and updates of inputs from each other. */
export function randomProgram(steps: readonly ProgramStep[], seed: number): RandomProgram {
  const b = new ProgramBuilder(seed);
  const { draws } = b;
  // Pairs of inputs of one shape, for updates that read each other.
  for (let pair = 0; pair < 2 + draws.below(2); pair++) {
    let shape = Array.from({ length: draws.below(4) }, () => sizes[draws.below(sizes.length)]!);
    if (sizeOf(shape) > most) shape = shape.slice(0, 1);
    const dtype = randomDTypes[draws.below(randomDTypes.length)]!;
    b.input(shape, dtype);
    b.input(draws.below(3) === 0 ? shape.toReversed() : shape, dtype);
  }
  const values: number[] = [...b.nodes.keys()];
  for (const [op, first, second, third, detail] of steps) {
    // Newer values are taken more often, so that chains grow.
    const pick = (n: number): number =>
      values[n % 3 === 0 ? n % values.length : values.length - 1 - (n % Math.min(6, values.length))]!;
    values.push(randomOp(op)(b, pick(first), pick(second), pick(third), detail));
  }
  return finished(b, values);
}

/** Chooses outputs and updates, and leaves out what they do not need. */
function finished(b: ProgramBuilder, values: readonly number[]): RandomProgram {
  const { draws } = b;
  const isLeaf = (place: number): boolean => b.data.has(place) || b.numbers.has(place);
  const chosen = new Map<number, number>();
  for (const input of [...b.data.keys()]) {
    if (draws.below(3) > 0) continue;
    const { shape, dtype } = b.node(input);
    const fitting = values.filter(
      (place) => b.node(place).dtype === dtype && sameShape(b.node(place).shape, shape) && !chosen.has(place),
    );
    if (fitting.length === 0) continue;
    let value = fitting[draws.below(fitting.length)]!;
    // An input takes the place of another: as it is, or turned round.
    if (isLeaf(value))
      value = draws.below(2)
        ? b.unary("copy", value, b.known[value]!)
        : b.move("flip", value, shape, [...shape.keys()]);
    chosen.set(value, input);
  }
  const computed = values.filter((place) => !isLeaf(place));
  for (let i = draws.below(6); i >= 0 && computed.length > 0; i--) {
    const place = computed[computed.length - 1 - draws.below(Math.min(computed.length, 24))]!;
    if (!chosen.has(place)) chosen.set(place, -1);
  }
  const used = new Uint8Array(b.nodes.length);
  for (const [place, input] of chosen) {
    used[place] = 1;
    if (input >= 0) used[input] = 1;
  }
  for (let place = used.length - 1; place >= 0; place--)
    if (used[place]) b.node(place).srcs.forEach((src) => (used[src] = 1));
  const places = [...used.keys()].filter((place) => used[place]);
  const to = new Map(places.map((place, i) => [place, i]));
  const inputs = places.filter((place) => b.data.has(place));
  const scalars = places.filter((place) => b.numbers.has(place));
  const returned = [...chosen.keys()].sort((x, y) => x - y);
  const outputs = returned.map((place): ProgramOutput => {
    const input = chosen.get(place)!;
    return { node: to.get(place)!, overwrites: input < 0 ? -1 : inputs.indexOf(input) };
  });
  return {
    program: {
      nodes: places.map((place) => ({ ...b.node(place), srcs: b.node(place).srcs.map((src) => to.get(src)!) })),
      inputs: inputs.map((place) => to.get(place)!),
      scalars: scalars.map((place) => to.get(place)!),
      outputs,
    },
    inputs: inputs.map((place) => b.data.get(place)!),
    scalars: scalars.map((place) => b.numbers.get(place)!),
    errors: returned.map((place) => b.known[place]!.error),
  };
}
