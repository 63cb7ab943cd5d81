import { describe, expect, it } from "vitest";

import type { BinaryName, UnaryName } from "../src/program/vocabulary.js";
import { binary, unary } from "../src/reference/numbers.js";
import { ModuleBuilder } from "../src/wasm/assembler.js";
import { type LaneFlavour, Lanes } from "../src/wasm/maths/arithmetic.js";
import { maxUlps } from "../src/wasm/maths/bounds.js";
import { callsHost, emitBinary, emitUnary } from "../src/wasm/maths/vector-functions.js";
import { detectFeatures } from "../src/wasm/routines/features.js";
import { webAssembly } from "../src/wasm/web-assembly.js";

const host = webAssembly()!;
const flavours = (["relaxed", "simd", "scalar"] as const).filter(
  (flavour) => flavour !== "relaxed" || detectFeatures().relaxed,
);
const exactUnary = "neg abs sign sqrt reciprocal floor ceil round trunc".split(" ") as UnaryName[];
const exactBinary = "add sub mul div maximum minimum fmod remainder floorDivide".split(" ") as BinaryName[];
const binaryNames: BinaryName[] = [...exactBinary, "pow", "atan2"];
const unaryNames: UnaryName[] = [
  ...exactUnary,
  ...(Object.keys(maxUlps) as UnaryName[]).filter((name) => !binaryNames.includes(name as string as BinaryName)),
];

// One block of arguments after another passes through a memory: two blocks of arguments, one of results.
const block = 1 << 16;
const pages = (3 * block * 4) / 65536;

interface Machine {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly out: Float32Array;
  run(): void;
}

/** A loop of one function over a block. */
function build(name: UnaryName | BinaryName, flavour: LaneFlavour): Machine {
  const builder = new ModuleBuilder({ minimumPages: pages });
  const two = binaryNames.includes(name as BinaryName);
  const imported = callsHost(name) ? builder.import("host", name, two ? ["f64", "f64"] : ["f64"], ["f64"]) : 0;
  builder.define("run", ["i32"], [], (code) => {
    code.hoisting(() => {
      const lanes = new Lanes(code, flavour, () => imported);
      code.loop((again) => {
        lanes.scope(() => {
          const x = lanes.load(0);
          const result = two
            ? emitBinary(lanes, name as BinaryName, x, lanes.load(0, block * 4))
            : emitUnary(lanes, name as UnaryName, x);
          lanes.store(0, result!, block * 8);
        });
        code
          .get(0)
          .i32(lanes.width * 4)
          .op("i32.add")
          .tee(0);
        code
          .i32(block * 4)
          .op("i32.lt_u")
          .brIf(again);
      });
    });
  });
  const memory = new host.Memory({ initial: pages });
  const imports = { env: { memory }, host: { [name]: two ? binary(name as BinaryName, "float32") : ofOne(name) } };
  const { exports } = new host.Instance(new host.Module(builder.finish()), imports);
  const part = (index: number): Float32Array => new Float32Array(memory.buffer, index * block * 4, block);
  return { x: part(0), y: part(1), out: part(2), run: () => (exports.run as (start: number) => void)(0) };
}

const ofOne = (name: string): ((x: number) => number) => unary[name as Exclude<UnaryName, "cast">];

/** Float32 numbers in order, as whole numbers: neighbours differ by 1, and both zeros are 0. */
const placeOf = (bits: number): number => (bits < 0 ? -(bits & 0x7fffffff) : bits);

/** What is wrong with a block of results: the worst distance in ulps, and the first that differs in kind. */
function judge(out: Float32Array, exact: Float32Array, worst: { ulps: number; at: number; kind: number }): void {
  const [got, want] = [new Int32Array(out.buffer, out.byteOffset, block), new Int32Array(exact.buffer)];
  for (let i = 0; i < block; i++) {
    if (got[i] === want[i]) continue;
    const [value, right] = [out[i]!, exact[i]!];
    if (Number.isNaN(value) && Number.isNaN(right)) continue;
    const sameKind =
      Number.isNaN(value) === Number.isNaN(right) &&
      (Math.abs(value) === Infinity) === (Math.abs(right) === Infinity) &&
      (value !== right || Object.is(value, right));
    if (!sameKind && worst.kind < 0) worst.kind = i;
    const ulps = Math.abs(placeOf(got[i]!) - placeOf(want[i]!));
    if (sameKind && ulps > worst.ulps) Object.assign(worst, { ulps, at: i });
  }
}

const special = [
  ...[0, 1e-45, 2e-45, 1.1754942e-38, 2 ** -126, 0.5, 0.99999994, 1, 1.0000001, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 100, 1000],
  ...[88.72283, 88.72284, 89, 89.41598, 89.41599, 89.5, 87.33654, 103.2789, 103.97207, 103.97208, 127, 128, 149, 150],
  ...[9.1, 10.05, 10.0546, 16777215, 16777216, 33554431, 2 ** 28 - 16, 2 ** 28, 2 ** 31, 1e10, 3.4028235e38, Infinity],
].flatMap((size) => [size, -size]);

const bits = new DataView(new ArrayBuffer(4));
function fromBits(pattern: number): number {
  bits.setInt32(0, pattern);
  return bits.getFloat32(0);
}

/** The neighbours of every power of two, of special numbers, and of the places where a function's formula changes. */
function* critical(): Generator<number> {
  yield NaN;
  const places = [0.35, 0.625, 0.7, 0.75, 0.925, 1.0655, 1.5, Math.SQRT1_2, Math.SQRT2, 4, 8192];
  const multiples = Array.from({ length: 2000 }, (_, n) => (n * Math.PI) / 4);
  for (let e = -149; e < 128; e++) places.push(2 ** e);
  for (const place of [...special, ...places, ...places.map((place) => -place), ...multiples]) {
    bits.setFloat32(0, place);
    const centre = bits.getInt32(0);
    for (let step = -4; step <= 4; step++) yield fromBits(centre + step);
  }
}

/** Blocks of arguments over all float32 numbers, with the densest where functions bend. */
function* arguments1(): Generator<Float32Array> {
  let values = new Float32Array(block);
  let count = 0;
  const whole = function* (): Generator<number> {
    yield* critical();
    for (let pattern = 0; pattern < 2 ** 32; pattern += 2999) yield fromBits(pattern);
    for (let i = 0; i < 200_000; i++) yield (i / 100_000 - 1) * 4;
    for (let i = 0; i < 100_000; i++) yield (i / 50_000 - 1) * 105;
  };
  for (const value of whole()) {
    values[count++] = value;
    if (count < block) continue;
    yield values;
    [values, count] = [new Float32Array(block), 0];
  }
  yield values;
}
const blocks1 = [...arguments1()];

/** A small generator of our own: the tests must not depend on another's stream. */
let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** Pairs: all special ones, any bits, powers all over the range, near 1, and of whole numbers. */
const blocks2 = [0, 1, 2, 3, 4].map((kind) => {
  const [x, y] = [new Float32Array(block), new Float32Array(block)];
  for (let i = 0; i < block; i++) {
    if (kind === 0) {
      x[i] = special[Math.floor(i / special.length) % special.length]!;
      y[i] = i % 97 === 0 ? NaN : special[i % special.length]!;
      continue;
    }
    const pattern = fromBits(Math.floor(random() * 2 ** 32));
    x[i] = [pattern, Math.abs(pattern), 1 + (random() - 0.5) * 2 ** -Math.floor(random() * 23), random() * 40 - 20][
      kind - 1
    ]!;
    const power = ((random() * 2 - 1) * 150) / Math.log2(Math.abs(x[i]!));
    y[i] = [fromBits(Math.floor(random() * 2 ** 32)), power, power, Math.round(random() * 40 - 20)][kind - 1]!;
  }
  return { x, y };
});

/** Runs a function over blocks of arguments in every flavour, against the interpreter's results, rounded. */
function check(name: UnaryName | BinaryName, blocks: readonly { x: Float32Array; y: Float32Array }[]): void {
  const machines = flavours.map((flavour) => build(name, flavour));
  const bound = name in maxUlps ? maxUlps[name as keyof typeof maxUlps] : 0;
  const two = binaryNames.includes(name as BinaryName);
  const of = two ? binary(name as BinaryName, "float32") : ofOne(name);
  const exact = new Float32Array(block);
  for (const { x, y } of blocks) {
    for (let i = 0; i < block; i++) exact[i] = of(x[i]!, y[i]!);
    machines.forEach((machine, which) => {
      machine.x.set(x);
      machine.y.set(y);
      machine.run();
      const worst = { ulps: 0, at: 0, kind: -1 };
      judge(machine.out, exact, worst);
      if (worst.kind < 0 && worst.ulps <= bound) return;
      const at = worst.kind < 0 ? worst.at : worst.kind;
      const call = `${name}(${x[at]!}${two ? `, ${y[at]!}` : ""}) in ${flavours[which]!} code`;
      expect.fail(`${call}: ${machine.out[at]!} instead of ${exact[at]!}, and up to ${worst.ulps} ulps elsewhere`);
    });
  }
}

describe("vector functions", () => {
  it.each(unaryNames)("%s keeps its bound and every special value, in every flavour", (name) => {
    check(
      name,
      blocks1.map((x) => ({ x, y: x })),
    );
  });

  it.each(binaryNames)("%s keeps its bound and every special value, in every flavour", (name) => {
    check(name, blocks2);
  });

  it("are exact where people count on it", () => {
    const power = build("pow", flavours[0]!);
    const wanted = [3, 2, 9, 10, 3, 1000, 2, 10, 1024, 4, 0.5, 2, 7, 0, 1, 5, 3, 125, 0.5, 2, 0.25, -3, 3, -27];
    for (let i = 0; i < wanted.length / 3; i++) [power.x[i], power.y[i]] = [wanted[3 * i]!, wanted[3 * i + 1]!];
    power.run();
    expect([...power.out.subarray(0, wanted.length / 3)]).toEqual(wanted.filter((_, i) => i % 3 === 2));
    for (const [name, base] of [
      ["log2", 2],
      ["log10", 10],
    ] as const) {
      const log = build(name, flavours[0]!);
      for (let i = 0; i <= 10; i++) log.x[i] = base ** i;
      log.run();
      expect([...log.out.subarray(0, 11)], name).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });
});
