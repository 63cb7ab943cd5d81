import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type ProgramStep, randomProgram, type RandomProgram } from "@downhill/core/testing";
import type { TypedArray } from "../src/dtype.js";
import { ModuleBuilder } from "../src/wasm/assembler.js";
import { WasmBackend } from "../src/wasm/backend.js";
import type { WasmEngine } from "../src/wasm/engine.js";
import { Heap } from "../src/wasm/heap.js";
import type { PoolExports } from "../src/wasm/threads/pool-module.js";
import { Pool } from "../src/wasm/threads/pool.js";
import type { Sharing } from "../src/wasm/threads/sharing.js";
import { webAssembly } from "../src/wasm/web-assembly.js";

const pools: Pool[] = [];
afterAll(() => {
  for (const pool of pools) pool.close();
});

/** Every Kernel that can be cut is, into as many ranges as there may be. */
const everything = { least: 0, range: 1 };

async function poolFor(engine: WasmEngine, threads: number): Promise<Pool> {
  engine.shareMemory();
  const { heap, host } = engine;
  const pool = await Pool.open(threads, { host, memory: heap.memory, limits: heap.limits }, everything);
  pools.push(pool);
  return pool;
}

/** A pool whose main thread only waits. */
function idleMain(pool: Pool): Sharing {
  const { begin, done, finish } = pool.imports.pool;
  const imports = { pool: { begin, done, finish, take: () => -1 } };
  return Object.create(pool, { imports: { value: imports } }) as Sharing;
}

const backend = (name: string): WasmBackend => new WasmBackend({ name, tiering: false });

const alone = backend("one thread");
const shared = backend("three threads");
shared.engine.shareWork(await poolFor(shared.engine, 3));
const workers = backend("two workers");
workers.engine.shareWork(idleMain(await poolFor(workers.engine, 3)));

const steps = fc.array(
  fc.tuple(fc.nat(999), fc.nat(99_999), fc.nat(99_999), fc.nat(99_999), fc.nat(11)) satisfies fc.Arbitrary<ProgramStep>,
  { minLength: 1, maxLength: 60 },
);

function run(device: WasmBackend, { program, inputs, scalars }: RandomProgram): TypedArray[] {
  const executable = device.compile(program);
  const buffers = inputs.map((elements, k) => {
    const buffer = device.allocate(program.nodes[program.inputs[k]!]!.dtype, elements.length);
    device.write(buffer, elements.slice());
    return buffer;
  });
  const results = executable.run(buffers, scalars);
  const read = [...buffers, ...results].map((buffer) => device.read(buffer).slice());
  for (const buffer of new Set([...buffers, ...results])) device.release(buffer);
  executable.release?.();
  return read;
}

describe("shared Kernels", () => {
  it("give the same bits as one thread, wherever they are cut", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        const made = randomProgram(list, seed);
        expect(run(shared, made)).toEqual(run(alone, made));
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("give the same bits when workers compute all of them", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        const made = randomProgram(list, seed);
        expect(run(workers, made)).toEqual(run(alone, made));
      }),
      { numRuns: 150, seed: 8 },
    );
  });
});

describe("Pool", () => {
  /** A module whose only part writes 1 + thread at each turn, from byte 65,536 on, or fails. */
  function marks(heap: Heap, fails = false): object {
    const module = new ModuleBuilder(heap.limits);
    module.define("part", ["i32", "i32", "i32", "i32"], [], (code) => {
      const [start, end, thread] = [1, 2, 3] as const;
      if (fails) code.op("unreachable");
      code.loop((again) => {
        code.get(start).i32(4).op("i32.mul").get(thread).i32(1).op("i32.add").memory("i32.store", 65_536);
        code.get(start).i32(1).op("i32.add").tee(start).get(end).op("i32.lt_s").brIf(again);
      });
    });
    return new (webAssembly()!.Module)(module.finish());
  }

  async function open(threads: number, fails = false): Promise<{ pool: Pool; heap: Heap; exports: PoolExports }> {
    const heap = new Heap({ shared: true });
    const pool = await Pool.open(
      threads,
      { host: webAssembly()!, memory: heap.memory, limits: heap.limits },
      everything,
    );
    pools.push(pool);
    pool.load(marks(heap, fails), {});
    return { pool, heap, exports: pool.imports.pool };
  }

  it("hands each range to one thread, job after job", async () => {
    const { heap, exports } = await open(3);
    for (let job = 0; job < 2000; job++) {
      const size = 1 + ((job * 37) % 500);
      heap.i32.fill(0, 16_384, 16_384 + size + 1);
      exports.begin(1, 0, size, 1 + (job % 9));
      exports.finish();
      const turns = heap.i32.slice(16_384, 16_384 + size + 1);
      expect(turns.subarray(0, size).every((thread) => thread === 2 || thread === 3)).toBe(true);
      expect(turns[size]).toBe(0);
    }
  });

  it("wakes workers that sleep", async () => {
    const { heap, exports } = await open(2);
    for (let job = 0; job < 20; job++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      heap.i32[16_384] = 0;
      exports.begin(1, 0, 1, 1);
      exports.finish();
      expect(heap.i32[16_384]).toBe(2);
    }
  });

  it("leaves a Program to the main thread that no worker has yet", async () => {
    const { exports } = await open(2);
    exports.begin(2, 0, 10, 5);
    expect([exports.take(2), exports.take(2), exports.take(2)]).toEqual([0, 5, -1]);
    exports.done();
    exports.done();
    exports.finish();
  });

  it("lets its memory grow under the workers", async () => {
    const { heap, exports } = await open(2);
    const address = heap.allocate(2 ** 26);
    const first = address / 4 - 16_384;
    exports.begin(1, 0, first + 2 ** 24, first + 2 ** 24); // up to the last new word
    exports.finish();
    expect(heap.i32[address / 4 + 2 ** 24 - 1]).toBe(2);
  });

  it("says that a range has failed, and goes on", async () => {
    const { pool, exports } = await open(2, true);
    const why = new Promise<string>((resolve) => (pool.onFailure = resolve));
    exports.begin(1, 0, 4, 1);
    exports.finish();
    expect(pool.hasFailed).toBe(true);
    expect(await why).toContain("unreachable");
  });
});
