import { describe, expect, it } from "vitest";

import type { BinaryName, UnaryName } from "../src/program/vocabulary.js";
import { binary, unary } from "../src/reference/numbers.js";
import {
  accuracyOf,
  exactFloats,
  type FloatArguments,
  floatArguments,
  floatBlock,
  floatPairs,
} from "../src/testing/float-accuracy.js";
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
const block = floatBlock;
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
  const imports = {
    env: { memory },
    host: { [name]: two ? binary(name as BinaryName, "float32") : unary[name as "sin"] },
  };
  const { exports } = new host.Instance(new host.Module(builder.finish()), imports);
  const part = (index: number): Float32Array => new Float32Array(memory.buffer, index * block * 4, block);
  return { x: part(0), y: part(1), out: part(2), run: () => (exports.run as (start: number) => void)(0) };
}

const blocks1 = floatArguments();
const blocks2 = floatPairs();

/** Runs a function over blocks of arguments in every flavour, against the interpreter's results, rounded. */
function check(name: UnaryName | BinaryName, blocks: readonly FloatArguments[]): void {
  const machines = flavours.map((flavour) => build(name, flavour));
  const bound = name in maxUlps ? maxUlps[name as keyof typeof maxUlps] : 0;
  for (const block of blocks) {
    const exact = exactFloats(name, block);
    machines.forEach((machine, which) => {
      machine.x.set(block.x);
      machine.y.set(block.y);
      machine.run();
      const { ulps, at, kind } = accuracyOf(machine.out, exact);
      if (kind < 0 && ulps <= bound) return;
      const worst = kind < 0 ? at : kind;
      const call = `${name}(${block.x[worst]!}, ${block.y[worst]!}) in ${flavours[which]!} code`;
      expect.fail(`${call}: ${machine.out[worst]!} instead of ${exact[worst]!}, and up to ${ulps} ulps elsewhere`);
    });
  }
}

describe("vector functions", () => {
  it.each(unaryNames)("%s keeps its bound and every special value, in every flavour", (name) => {
    check(name, blocks1);
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
