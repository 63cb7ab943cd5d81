import { type DType, type Tensor, tensor } from "@downhill/core";
import { type Device, ownTensor } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";
import type { Optimizer, OptimizerStateDict } from "../src/index.js";
import { optimizers, type OptimizerRow } from "./battery.js";
import { begin, flattened, freshDevice, readFixture, setGradients, steps, valuesOf } from "./problem.js";

// What PyTorch's optimizers do in 50 steps; tools/reference/optim.py says how to read it. On the interpreter, which
// rounds each operation as PyTorch's plain code does, float32 values are PyTorch's to the last bit.

interface PyTorchState {
  readonly state: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly param_groups: readonly Readonly<Record<string, unknown>>[];
}

interface Case {
  readonly name: string;
  readonly dtype: DType;
  readonly options: object;
  readonly groups: readonly [object, object] | null;
  readonly changes: Readonly<Record<string, object>>;
  readonly idle: number | null;
  readonly steps: Readonly<Record<string, number[]>>;
  readonly state: PyTorchState;
}

/** The optimizer of a case, over two tensors. */
function build({ make }: OptimizerRow, row: Case, params: readonly Tensor[]): Optimizer<{ lr: number }> {
  const groups = row.groups?.map((own, i) => ({ params: [params[i]!], ...own }));
  return make((groups ?? params) as Iterable<Tensor>, row.options);
}

/** Does steps of a case, and tells the values after those that it records. */
async function run(
  optimizer: Optimizer<object>,
  row: Case,
  params: readonly Tensor[],
  from: number,
  to: number,
): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (let step = from; step <= to; step++) {
    Object.assign(optimizer.paramGroups[0]!, row.changes[step]);
    setGradients(params, step);
    if (row.idle !== null && step % row.idle === 0) params[1]!.grad = null;
    optimizer.step();
    if (step in row.steps) found[step] = await valuesOf(params);
  }
  return found;
}

// Adam takes the powers of its betas from the platform, whose last bit may differ: half a unit in about one of ten.
// Values stay below 2, so this is four units in their last place.
const LAST = 2 ** -50;

function expectValues(
  found: Record<string, number[]>,
  expected: Readonly<Record<string, number[]>>,
  dtype: DType,
  slack: number = 1,
): void {
  if (dtype === "float32") return expect(found).toEqual(expected);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [step, values] of Object.entries(expected)) {
    values.forEach((value, i) =>
      expect(Math.abs(found[step]![i]! - value), `step ${step}, value ${i}`).toBeLessThanOrEqual(LAST * slack),
    );
  }
}

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** How PyTorch is to compute, which is nothing to do with what. */
const ways = new Set(["foreach", "fused", "capturable", "differentiable"]);

// A momentum begins at 0 here and as a copy of the gradient there: what stays zero may have the other sign.
const unsigned = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((x: number | null) => (x === null ? x : x + 0)) : value;

/** What is known under the expected group's names: a newer PyTorch has more settings than the one that was asked. */
const known = (found: object, expected: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(found).filter(([name]) => name in expected));

/** Adafactor's averages have one row or one column. */
const shapeOf = (name: string, shape: readonly number[]): number[] =>
  name === "rowVar" ? [...shape.slice(0, -1), 1] : name === "colVar" ? [1, shape.at(-1)!] : shape.slice();

/** Brings PyTorch's names into our spelling; leaves out what is None. */
const renamed = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || ways.has(name) ? [] : [[camel(name), unsigned(value)]],
    ),
  );

/** A state dict of PyTorch's as ours, its tensors as flat lists. */
function ours({ state, param_groups: groups }: PyTorchState): { state: Record<string, object>; paramGroups: object[] } {
  const entries = Object.entries(state).map(([place, values]) => [place, renamed(values)] as const);
  return {
    state: Object.fromEntries(entries.filter(([, values]) => Object.keys(values).length > 0)),
    paramGroups: groups.map(renamed),
  };
}

/** A state dict of flat lists with tensors of the right shapes in their place. */
function withTensors(dict: ReturnType<typeof ours>, params: readonly Tensor[], device: Device): OptimizerStateDict {
  const state: Record<number, Record<string, Tensor | number>> = {};
  for (const [place, values] of Object.entries(dict.state)) {
    const { dtype, shape } = params[Number(place)]!;
    const read = (name: string, value: unknown): Tensor | number =>
      typeof value === "number" ? value : tensor(value as number[], { dtype, device }).reshape(shapeOf(name, shape));
    state[Number(place)] = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, read(name, value)]));
  }
  return { state, paramGroups: dict.paramGroups as OptimizerStateDict["paramGroups"] };
}

for (const [name, optimizer] of Object.entries(optimizers)) {
  const cases = readFixture(name.toLowerCase()) as Case[];

  describe(`${name} takes PyTorch's steps`, () => {
    test.each(cases.map((row) => [row.dtype, row.name, row] as const))("%s: %s", async (dtype, _, row) => {
      const params = begin({ dtype, device: freshDevice() }, optimizer);
      const found = await run(build(optimizer, row, params), row, params, 1, steps);
      expectValues(found, row.steps, dtype, optimizer.slack);
    });
  });

  describe(`${name} has PyTorch's state`, () => {
    const float32 = cases.filter(({ dtype }) => dtype === "float32");
    test.each(float32.map((row) => [row.name, row] as const))("saves it: %s", async (_, row) => {
      const params = begin({ device: freshDevice() }, optimizer);
      const made = build(optimizer, row, params);
      await run(made, row, params, 1, 25);
      const { state, paramGroups } = await flattened(made.stateDict());
      const expected = ours(row.state);
      expect({
        state: Object.fromEntries(
          Object.entries(state).map(([place, values]) => [place, renamed(values as Record<string, unknown>)]),
        ),
        paramGroups: paramGroups.map((group, i) => known(group, expected.paramGroups[i]!)),
      }).toEqual(expected);
    });

    test.each(float32.map((row) => [row.name, row] as const))("goes on from it: %s", async (_, row) => {
      const device = freshDevice();
      const values = row.steps[25]!;
      const params = begin({ device }, optimizer).map(({ shape }, i) =>
        ownTensor(tensor(i === 0 ? values.slice(0, 6) : values.slice(6), { device }).reshape(shape)).requiresGrad_(),
      );
      const made = build(optimizer, { ...row, options: {}, groups: row.groups && [{}, {}] }, params);
      made.loadStateDict(withTensors(ours(row.state), params, device));
      const rest = Object.entries(row.steps).filter(([step]) => Number(step) > 25);
      expect(await run(made, row, params, 26, steps)).toEqual(Object.fromEntries(rest));
    });
  });
}
