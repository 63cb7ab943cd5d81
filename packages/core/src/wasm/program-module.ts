import { itemSize } from "../dtype.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Kernel, LoopKernel, MatmulKernel } from "../kernel/kernel.js";
import type { Schedule } from "../program/schedule.js";
import { type Code, ModuleBuilder } from "./assembler.js";
import type { WasmEngine } from "./engine.js";
import { cutsOf } from "./loops/cuts.js";
import { hostCalls } from "./loops/host-functions.js";
import { type Range, type Surroundings, writeLoopKernel } from "./loops/loop-kernel.js";
import { expressionsOf, planNest } from "./loops/nest.js";
import { type NodeSurroundings, writeNodeKernel } from "./nodes/node-kernel.js";
import type { ProgramMemory } from "./program-memory.js";
import type { PreparedMatmul } from "./routines/descriptor.js";
import { routines } from "./routines/routines.js";

/** What a Program's module is written from. */
export interface ModuleParts {
  readonly engine: WasmEngine;
  readonly schedule: Schedule;
  readonly memory: ProgramMemory;
  readonly source: Source;
  /** The description of each matrix product. */
  readonly products: ReadonlyMap<Kernel, PreparedMatmul>;
  /** Working memory of one thread. */
  readonly scratchBytes: number;
  /** Whether a Kernel, by its number, is run by the interpreter. */
  isHosted(index: number): boolean;
}

export interface ProgramModule {
  readonly bytes: Uint8Array;
  /** Functions of the host that it imports, as host-functions.ts names them. */
  readonly calls: readonly string[];
  /** Whether threads share some of its work. */
  readonly isShared: boolean;
}

/** The host's functions that loops may call for single lanes. */
function callsOf(kernels: readonly Kernel[]): string[] {
  const calls = new Set<string>();
  for (const kernel of kernels) {
    if (kernel.kind !== "loop") continue;
    for (const expression of expressionsOf(kernel)) for (const name of hostCalls(expression)) calls.add(name);
  }
  return [...calls];
}

/** Writes a Program's module: a function per Kernel, and `run`, which calls them in order and copies what remains. */
export function writeProgram(parts: ModuleParts): ProgramModule {
  const { engine, schedule, memory, source, products } = parts;
  const { kernels, copied } = schedule;
  const module = new ModuleBuilder(engine.limits);
  const functions = new Map<string, number>();
  const calls = callsOf(kernels);
  for (const name of calls)
    functions.set(name, module.import("host", name, name.startsWith("binary") ? ["f64", "f64"] : ["f64"], ["f64"]));
  for (const { routine } of products.values()) {
    if (!functions.has(routine)) functions.set(routine, module.import("routines", routine, routines[routine]!, []));
  }
  const host = module.import("program", "host", ["i32"], []);
  const refuse = module.import("program", "refuse", ["i32", "i32"], []);
  const threads = engine.sharing?.begin(module) ?? null;
  const around: NodeSurroundings = {
    flavour: engine.flavour,
    host: (name) => functions.get(name)!,
    dtypeOf: (value) => memory.dtypeOf(value),
    bytesOf: (value) => memory.bytesOf(value),
    address: (code, value) => {
      memory.address(code, value);
    },
    number: (code, node) => {
      memory.number(code, node);
    },
    refuse,
    scratch: (code) => {
      memory.scratch(code);
    },
  };
  const multiply = productWriter(parts, functions);
  if (threads !== null) {
    kernels.forEach((kernel, index) => {
      if (kernel.kind === "loop") threads.loop(index, kernel, around);
      else if (kernel.kind === "matmul") {
        threads.matmul(index, kernel, products.get(kernel)!.rows, (code, range, thread) => {
          multiply(code, kernel, range, thread);
        });
      }
    });
  }
  const isShared = threads?.close() ?? false;
  const tails = tailsOf(parts, (index) => threads?.has(index) === true);
  // Each Kernel is exported too, for those who time them one by one.
  const steps = kernels.map((kernel, index) =>
    module.define(`kernel${index}`, [], [], (code) => {
      if (threads?.has(index) === true) threads.call(code, index);
      else if (kernel.kind === "loop") writeLoopKernel(code, kernel, around);
      else if (parts.isHosted(index)) code.i32(index).call(host);
      else if (kernel.kind === "node") writeNodeKernel(code, source, kernel.node, around);
      else if (tails.has(index)) writeInBlocks(code, tails.get(index)!, kernel, multiply, around);
      else multiply(code, kernel);
    }),
  );
  module.define("run", [], [], (code) => {
    steps.forEach((step, index) => {
      if (!tails.has(index - 1)) code.call(step);
    });
    for (const [node, input] of copied) {
      memory.address(code, input);
      memory.address(code, node);
      code.i32(memory.bytesOf(node)).copy();
    }
  });
  return { bytes: module.finish(), calls, isShared };
}

/** A matrix product and what works on its elements, cut into blocks of rows that stay in the cache between the two. */
interface Blocks {
  readonly tail: LoopKernel;
  readonly rows: number;
  /** Rows of a block. */
  readonly height: number;
  /** Turns of the tail's outermost loop in a block. */
  readonly turns: number;
}

/** Products of fewer bytes are in the cache anyway. */
const cached = 256 * 1024;
/** Each block packs the second operand again: fewer rows would not be worth it. */
const blockRows = 256;

/** The products whose tail runs block by block, by their number. */
function tailsOf(
  { engine, schedule, memory, products }: ModuleParts,
  isShared: (index: number) => boolean,
): Map<number, Blocks> {
  const tails = new Map<number, Blocks>();
  schedule.kernels.forEach((kernel, index) => {
    const tail = schedule.kernels[index + 1];
    if (kernel.kind !== "matmul" || tail?.kind !== "loop" || !tail.isTail) return;
    const overwritten = tail.body.map(({ place }) => schedule.inPlace.get(place.value));
    // The next block reads what this one's tail would have overwritten.
    if (overwritten.includes(kernel.a.value) || overwritten.includes(kernel.b.value)) return;
    if (isShared(index) || isShared(index + 1) || memory.bytesOf(kernel.out) < cached) return;
    const cuts = cutsOf(tail, planNest(tail, engine.features.simd));
    const { rows } = products.get(kernel)!;
    const turns = cuts === null ? 0 : (cuts.size * blockRows) / rows;
    if (rows > blockRows && Number.isInteger(turns) && turns > 0 && turns % cuts!.grain === 0)
      tails.set(index, { tail, rows, height: blockRows, turns });
  });
  return tails;
}

/** Writes a matrix product and its tail, block by block. */
function writeInBlocks(
  code: Code,
  { tail, rows, height, turns }: Blocks,
  product: MatmulKernel,
  multiply: (code: Code, kernel: MatmulKernel, range: Range) => void,
  around: Surroundings,
): void {
  const range = { start: code.local("i32"), end: code.local("i32") };
  const inTail = { start: code.local("i32"), end: code.local("i32") };
  const total = (rows * turns) / height;
  const next = (local: number, by: number, limit: number): void => {
    code.get(local).i32(by).op("i32.add").i32(limit);
    code.get(local).i32(by).op("i32.add").i32(limit).op("i32.lt_s").op("select");
  };
  code.loop((again) => {
    next(range.start, height, rows);
    code.set(range.end);
    next(inTail.start, turns, total);
    code.set(inTail.end);
    multiply(code, product, range);
    writeLoopKernel(code, tail, around, inTail);
    code.get(inTail.end).set(inTail.start);
    code.get(range.end).tee(range.start).i32(rows).op("i32.lt_s").brIf(again);
  });
}

/** Writes the call of a matrix product, of all rows or a range of them, and its description into the memory. */
function productWriter(
  { engine, memory, products, scratchBytes }: ModuleParts,
  functions: ReadonlyMap<string, number>,
): (code: Code, kernel: MatmulKernel, range?: Range, thread?: number) => void {
  let descriptor = memory.descriptors;
  return (code, kernel, range, thread) => {
    const { words, routine, rows } = products.get(kernel)!;
    engine.heap.i32.set(words, descriptor / 4);
    code.i32(descriptor);
    descriptor += Math.ceil(words.length / 4) * 16;
    for (const { value, at } of [kernel.a, kernel.b]) {
      const size = itemSize[memory.dtypeOf(value)];
      memory.address(code, value);
      code.i32(at.offset * size).op("i32.add");
      for (const { scalar, stride } of at.moving) {
        memory.number(code, scalar);
        code
          .op("i32.trunc_sat_f64_s")
          .i32(stride * size)
          .op("i32.mul")
          .op("i32.add");
      }
    }
    memory.address(code, kernel.out);
    if (range === undefined) code.i32(0).i32(rows);
    else code.get(range.start).get(range.end);
    memory.scratch(code);
    if (thread !== undefined) code.get(thread).i32(scratchBytes).op("i32.mul").op("i32.add");
    code.call(functions.get(routine)!);
  };
}
