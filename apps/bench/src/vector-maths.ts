/**
 * Prints what the float32 functions of the WebAssembly backend cost, in ns per element, by flavour of code:
 * `node apps/bench/src/vector-maths.ts [name ...]`, on the Node that the project pins.
 */
import { performance } from "node:perf_hooks";
/* eslint-disable import-x/no-relative-packages -- types alone; see sources.ts */
import type * as assembler from "../../../packages/core/src/wasm/assembler.js";
import type * as hostFunctions from "../../../packages/core/src/wasm/loops/host-functions.js";
import type * as arithmetic from "../../../packages/core/src/wasm/maths/arithmetic.js";
import type * as bounds from "../../../packages/core/src/wasm/maths/bounds.js";
import type * as functions from "../../../packages/core/src/wasm/maths/vector-functions.js";
/* eslint-enable import-x/no-relative-packages */
import { source } from "./sources.ts";

const { ModuleBuilder } = (await source("wasm/assembler.ts")) as typeof assembler;
const { Lanes } = (await source("wasm/maths/arithmetic.ts")) as typeof arithmetic;
const { maxUlps } = (await source("wasm/maths/bounds.ts")) as typeof bounds;
const { callsHost, emitBinary, emitUnary } = (await source("wasm/maths/vector-functions.ts")) as typeof functions;
const { hostFunction } = (await source("wasm/loops/host-functions.ts")) as typeof hostFunctions;

type UnaryName = Parameters<typeof emitUnary>[1];
type BinaryName = Parameters<typeof emitBinary>[1];
type Name = keyof typeof maxUlps;

// Small enough for the cache: the arithmetic is what is measured.
const count = 4096;
const flavours = ["relaxed", "simd", "scalar"] as const;

/** Best time of a pass over `count` elements, in ns per element. */
function measure(name: Name, flavour: arithmetic.LaneFlavour): number {
  const builder = new ModuleBuilder({ minimumPages: 1 });
  const rare = callsHost(name) ? builder.import("host", name, ["f64"], ["f64"]) : 0;
  builder.define("run", ["i32"], [], (code) => {
    code.hoisting(() => {
      const lanes = new Lanes(code, flavour, () => rare);
      code.loop((again) => {
        lanes.scope(() => {
          const x = lanes.load(0);
          const result =
            emitUnary(lanes, name as UnaryName, x) ??
            emitBinary(lanes, name as BinaryName, x, lanes.load(0, count * 4)) ??
            x;
          lanes.store(0, result, count * 8);
        });
        code
          .get(0)
          .i32(lanes.width * 4)
          .op("i32.add")
          .tee(0);
        code
          .i32(count * 4)
          .op("i32.lt_u")
          .brIf(again);
      });
    });
  });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const host = { [name]: callsHost(name) ? hostFunction(`unary ${name}`) : () => 0 };
  const module = new WebAssembly.Module(builder.finish());
  const instance = new WebAssembly.Instance(module, { env: { memory }, host });
  const run = instance.exports.run as (start: number) => void;
  // Where every function has values: from 0 to 1.
  const values = new Float32Array(memory.buffer, 0, 2 * count);
  for (let i = 0; i < values.length; i++) values[i] = (i * 0.618034) % 1;
  const pass = (): number => {
    const start = performance.now();
    for (let turn = 0; turn < 20; turn++) run(0);
    return ((performance.now() - start) * 1e6) / (20 * count);
  };
  for (let turn = 0; turn < 50; turn++) pass();
  return Math.min(...Array.from({ length: 50 }, pass));
}

const names = (process.argv.length > 2 ? process.argv.slice(2) : Object.keys(maxUlps)) as Name[];
const rows = names.map((name) => {
  const times = flavours.map((flavour) => measure(name, flavour).toFixed(2).padStart(8));
  return `${name.padEnd(8)}${times.join("")}${String(maxUlps[name]).padStart(8)}`;
});
process.stdout.write(
  ["ns".padEnd(8) + [...flavours, "ulps"].map((word) => word.padStart(8)).join(""), ...rows, ""].join("\n"),
);
