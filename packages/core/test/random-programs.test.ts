import { type Program, randomProgram, type ProgramStep, type RandomProgram } from "@downhill/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TypedArray } from "../src/dtype.js";
import { ReferenceBackend } from "../src/reference/interpreter.js";
import { WasmBackend } from "../src/wasm/backend.js";

const steps = fc.array(
  fc.tuple(fc.nat(999), fc.nat(99_999), fc.nat(99_999), fc.nat(99_999), fc.nat(11)) satisfies fc.Arbitrary<ProgramStep>,
  { minLength: 1, maxLength: 60 },
);

const open = (name: string, simd: boolean, relaxed: boolean, fuse = true): WasmBackend =>
  new WasmBackend({ name, features: { simd, relaxed }, tiering: false, fuse });

const backends = [
  open("relaxed SIMD", true, true),
  open("unfused", true, true, false),
  open("plain SIMD", true, false),
  open("no SIMD", false, false),
];

/** What a Program leaves of its inputs, and gives. */
interface Run {
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
}

function interpret({ program, inputs, scalars }: RandomProgram): Run {
  const mine = inputs.map((elements) => elements.slice());
  return { inputs: mine, outputs: new ReferenceBackend().compile(program).run(mine, scalars) as TypedArray[] };
}

/** Compiles a Program and runs it twice; both runs must give the same bits. */
function compileAndRun(backend: WasmBackend, { program, inputs, scalars }: RandomProgram): Run {
  const executable = backend.compile(program);
  const runs = [1, 2].map((): Run => {
    const buffers = inputs.map((elements, k) => {
      const buffer = backend.allocate(program.nodes[program.inputs[k]!]!.dtype, elements.length);
      backend.write(buffer, elements.slice());
      return buffer;
    });
    const results = executable.run(buffers, scalars);
    const read = (all: readonly object[]): TypedArray[] =>
      all.map((buffer) => backend.read(buffer as (typeof buffers)[number]).slice());
    const run = { inputs: read(buffers), outputs: read(results) };
    for (const buffer of new Set([...buffers, ...results])) backend.release(buffer);
    return run;
  });
  executable.release?.();
  expect(runs[1]).toEqual(runs[0]);
  return runs[0]!;
}

/** Tells where results differ by more than `error`; NaN equals NaN, and -0 equals 0. */
function difference(actual: TypedArray, expected: TypedArray, error: number): string | undefined {
  if (actual.constructor !== expected.constructor || actual.length !== expected.length)
    return `${actual.length} elements in a ${actual.constructor.name}`;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e || (a !== a && e !== e) || Math.abs(a - e) <= error) continue;
    return `${a} instead of ${e} (± ${error}) at ${i}`;
  }
  return undefined;
}

function check(random: RandomProgram): void {
  const { program, errors } = random;
  const expected = interpret(random);
  for (const backend of backends) {
    const run = compileAndRun(backend, random);
    const where = (k: number, why: string): string =>
      `${backend.name}, output ${k}: ${why}, of ${JSON.stringify(program, null, 1).replace(/\n {3,}/g, " ")}`;
    expected.outputs.forEach((elements, k) => {
      const why = difference(run.outputs[k]!, elements, errors[k]!);
      if (why !== undefined) expect.fail(where(k, why));
    });
    random.inputs.forEach((elements, k) => {
      if (program.outputs.some(({ overwrites }) => overwrites === k)) return;
      if (difference(run.inputs[k]!, elements, 0) !== undefined) expect.fail(`${backend.name} changed input ${k}`);
    });
  }
}

describe("a Program of random ops", () => {
  it("gives the same fused, unfused and interpreted, in every flavour and on every run", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        check(randomProgram(list, seed));
      }),
      { seed: 31, numRuns: 250 },
    );
  });
});

/** A Program of one input of ones, and more Nodes. */
function small(input: Program["nodes"][number], rest: Program["nodes"], outputs: readonly number[]): RandomProgram {
  const program: Program = {
    nodes: [input, ...rest],
    inputs: [0],
    scalars: [],
    outputs: outputs.map((node) => ({ node, overwrites: -1 })),
  };
  const length = input.shape.reduce((product, size) => product * size, 1);
  return { program, inputs: [new Float64Array(length).fill(1)], scalars: [], errors: outputs.map(() => 0) };
}

describe("what random Programs found", () => {
  it("a total of comparisons of float64 that only the same loops read", () => {
    const x = { op: "buffer", dtype: "float64", shape: [3, 8], attrs: [], srcs: [] } as const;
    const equal = { op: "eq", dtype: "bool", shape: [3, 8], attrs: [], srcs: [0, 0] } as const;
    const all = { op: "prod", dtype: "bool", shape: [3], attrs: [0, 1], srcs: [1] } as const;
    const asNumber = { op: "cast", dtype: "float64", shape: [3], attrs: [], srcs: [2] } as const;
    check(small(x, [equal, all, asNumber], [3]));
  });

  it("results of different dtypes, one of them without elements", () => {
    const x = { op: "buffer", dtype: "float64", shape: [0, 2], attrs: [], srcs: [] } as const;
    const equal = { op: "le", dtype: "bool", shape: [0, 2], attrs: [], srcs: [0, 0] } as const;
    const sum = { op: "sum", dtype: "float64", shape: [2], attrs: [0, 0], srcs: [0] } as const;
    const single = { op: "cast", dtype: "float32", shape: [2], attrs: [], srcs: [2] } as const;
    check(small(x, [equal, sum, single], [1, 3]));
  });

  it("noise that is the same in all lanes, and another in each turn of a loop inside of them", () => {
    const program: Program = {
      nodes: [
        { op: "buffer", dtype: "float64", shape: [1, 17], attrs: [], srcs: [] },
        { op: "scalar", dtype: "int32", shape: [], attrs: [], srcs: [] },
        { op: "scalar", dtype: "int32", shape: [], attrs: [], srcs: [] },
        { op: "uniform", dtype: "float32", shape: [5, 1], attrs: [5, 1], srcs: [1, 2] },
        { op: "cast", dtype: "float32", shape: [1, 17], attrs: [], srcs: [0] },
        { op: "mul", dtype: "float32", shape: [5, 17], attrs: [], srcs: [3, 4] },
        { op: "max", dtype: "float32", shape: [17], attrs: [0, 0], srcs: [5] },
      ],
      inputs: [0],
      scalars: [1, 2],
      outputs: [{ node: 6, overwrites: -1 }],
    };
    const x = Float64Array.from({ length: 17 }, (_, i) => i);
    check({ program, inputs: [x], scalars: [83, 87], errors: [0] });
    const single = program.nodes.with(0, { ...program.nodes[0]!, dtype: "float32" }).with(4, {
      ...program.nodes[4]!,
      op: "neg",
    });
    check({ program: { ...program, nodes: single }, inputs: [Float32Array.from(x)], scalars: [83, 87], errors: [0] });
  });
});
