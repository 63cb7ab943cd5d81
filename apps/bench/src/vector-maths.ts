/**
 * Prints what the float32 functions of the WebAssembly backend cost, in ns per element, by flavour of code. After a
 * build: `node apps/bench/src/vector-maths.ts [name ...]`, on the Node that the project pins.
 *
 * It reads the built modules from inside the package, which exports none of this.
 */
import { performance } from "node:perf_hooks";

interface Code {
  hoisting(body: () => void): void;
  loop(body: (again: object) => void): void;
  get(local: number): Code;
  tee(local: number): Code;
  i32(value: number): Code;
  op(name: string): Code;
  brIf(label: object): void;
}

interface Lanes {
  readonly width: number;
  scope(body: () => void): void;
  load(address: number, offset?: number): number;
  store(address: number, value: number, offset?: number): void;
}

interface Parts {
  ModuleBuilder: new (limits: { minimumPages: number }) => {
    import(module: string, name: string, params: string[], results: string[]): number;
    define(name: string, params: string[], results: string[], write: (code: Code) => void): void;
    finish(): BufferSource;
  };
  Lanes: new (code: Code, flavour: string, math: (name: string) => number) => Lanes;
  maxUlps: Record<string, number>;
  mathImports(this: void, name: string): string[];
  emitUnary(this: void, lanes: Lanes, name: string, x: number): number | null;
  emitBinary(this: void, lanes: Lanes, name: string, x: number, y: number): number | null;
}

const inside = new URL("../../../packages/core/dist/wasm/", import.meta.url);
const files = ["assembler.js", "maths/arithmetic.js", "maths/bounds.js", "maths/vector-functions.js"];
const loaded: unknown[] = await Promise.all(files.map((file) => import(new URL(file, inside).href)));
const { ModuleBuilder, Lanes, maxUlps, mathImports, emitUnary, emitBinary } = Object.assign({}, ...loaded) as Parts;

// Small enough for the cache: the arithmetic is what is measured.
const count = 4096;
const flavours = ["relaxed", "simd", "scalar"];

/** Best time of a pass over `count` elements, in ns per element. */
function measure(name: string, flavour: string): number {
  const builder = new ModuleBuilder({ minimumPages: 1 });
  const imported = new Map(mathImports(name).map((math) => [math, builder.import("math", math, ["f64"], ["f64"])]));
  builder.define("run", ["i32"], [], (code) => {
    code.hoisting(() => {
      const lanes = new Lanes(code, flavour, (math) => imported.get(math) ?? 0);
      code.loop((again) => {
        lanes.scope(() => {
          const x = lanes.load(0);
          const result = emitUnary(lanes, name, x) ?? emitBinary(lanes, name, x, lanes.load(0, count * 4)) ?? x;
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
  const math = Math as unknown as WebAssembly.ModuleImports;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env: { memory }, math });
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

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(maxUlps);
const rows = names.map((name) => {
  const times = flavours.map((flavour) => measure(name, flavour).toFixed(2).padStart(8));
  return `${name.padEnd(8)}${times.join("")}${String(maxUlps[name] ?? 0).padStart(8)}`;
});
process.stdout.write(
  ["ns".padEnd(8) + [...flavours, "ulps"].map((word) => word.padStart(8)).join(""), ...rows, ""].join("\n"),
);
