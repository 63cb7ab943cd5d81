import { itemSize } from "../dtype.js";
import type { Kernel, LoopKernel, MatmulKernel } from "../kernel/kernel.js";
import { type Code, ModuleBuilder } from "./assembler.js";
import type { WasmEngine } from "./engine.js";
import { cutsOf } from "./loops/cuts.js";
import { LoopFunctions } from "./loops/loop-functions.js";
import { type Range, type Surroundings, writeZeros } from "./loops/loop-kernel.js";
import { type NodeSurroundings, writeNodeKernel } from "./nodes/node-kernel.js";
import type { ProgramMemory } from "./program-memory.js";
import type { ProgramPlan } from "./program-plan.js";
import type { PreparedMatmul } from "./routines/descriptor.js";
import { routines } from "./routines/routines.js";

/** What a Program's module is written from. */
export interface ModuleParts extends Pick<ProgramPlan, "schedule" | "source" | "products" | "productBytes"> {
  readonly engine: WasmEngine;
  readonly memory: ProgramMemory;
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

/**
 * Writes a Program's module: functions for its Kernels, one for all loops of the same structure, and `run`, which calls
 * them in order and copies what remains.
 */
export function writeProgram(parts: ModuleParts): ProgramModule {
  const { engine, schedule, memory, source, products } = parts;
  const { kernels, copied } = schedule;
  const module = new ModuleBuilder(engine.limits);
  const functions = new Map<string, number>();
  const around: Surroundings = {
    flavour: engine.flavour,
    host: (name) => functions.get(name)!,
    bytesOf: (value) => memory.bytesOf(value),
    address: (code, value) => {
      memory.address(code, value);
    },
    number: (code, node) => {
      memory.number(code, node);
    },
  };
  const nests = kernels.filter((kernel) => kernel.kind === "loop");
  const loops = new LoopFunctions(module, nests, around, engine.knownCode);
  for (const name of loops.calls)
    functions.set(name, module.import("host", name, name.startsWith("binary") ? ["f64", "f64"] : ["f64"], ["f64"]));
  for (const { routine } of products.values()) {
    if (!functions.has(routine)) functions.set(routine, module.import("routines", routine, routines[routine]!, []));
  }
  const host = module.import("program", "host", ["i32"], []);
  const refuse = module.import("program", "refuse", ["i32", "i32"], []);
  const threads = engine.sharing?.begin(module) ?? null;
  const aroundNodes: NodeSurroundings = {
    ...around,
    refuse,
    scratch: (code) => {
      memory.scratch(code);
    },
  };
  const multiply = productWriter(parts, functions);
  if (threads !== null) {
    kernels.forEach((kernel, index) => {
      if (kernel.kind === "loop") threads.loop(index, kernel, loops, around);
      else if (kernel.kind === "matmul") {
        threads.matmul(index, kernel, products.get(kernel)!.rows, (code, range, thread) => {
          multiply(code, kernel, range, thread);
        });
      }
    });
  }
  const isShared = threads?.close() ?? false;
  const tails = tailsOf(parts, loops, (index) => threads?.has(index) === true);
  /** Writes what runs a Kernel into `run`. */
  const step = (code: Code, kernel: Kernel, index: number): void => {
    if (tails.has(index - 1)) return;
    if (threads?.has(index) === true) threads.call(code, index);
    else if (kernel.kind === "loop") {
      writeZeros(code, kernel, around);
      loops.call(code, kernel);
    } else if (parts.isHosted(index)) code.i32(index).call(host);
    else if (kernel.kind === "matmul" && !tails.has(index)) multiply(code, kernel);
    else {
      // What needs locals has a function of its own.
      const own = module.define(null, [], [], (inside) => {
        if (kernel.kind === "node") writeNodeKernel(inside, source, kernel.node, aroundNodes);
        else writeInBlocks(inside, tails.get(index)!, kernel, multiply, loops);
      });
      code.call(own);
    }
  };
  module.define("run", [], [], (code) => {
    kernels.forEach((kernel, index) => {
      if (!engine.separate) step(code, kernel, index);
      else code.call(module.define(`kernel${index}`, [], [], (own) => step(own, kernel, index)));
    });
    for (const [node, input] of copied) {
      memory.address(code, input);
      memory.address(code, node);
      code.i32(memory.bytesOf(node)).copy();
    }
  });
  return { bytes: module.finish(), calls: [...loops.calls], isShared };
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
  { schedule, memory, products }: ModuleParts,
  loops: LoopFunctions,
  isShared: (index: number) => boolean,
): Map<number, Blocks> {
  const tails = new Map<number, Blocks>();
  schedule.kernels.forEach((kernel, index) => {
    const tail = schedule.kernels[index + 1];
    if (kernel.kind !== "matmul" || tail?.kind !== "loop" || !tail.isTail) return;
    if (isShared(index) || isShared(index + 1) || memory.bytesOf(kernel.out) < cached) return;
    const overwritten = tail.body.map(({ place }) => schedule.inPlace.get(place.value));
    // The next block reads what this one's tail would have overwritten.
    if (overwritten.includes(kernel.a.value) || overwritten.includes(kernel.b.value)) return;
    const cuts = cutsOf(tail, loops.nestOf(tail));
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
  loops: LoopFunctions,
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
    loops.call(code, tail, inTail);
    code.get(inTail.end).set(inTail.start);
    code.get(range.end).tee(range.start).i32(rows).op("i32.lt_s").brIf(again);
  });
}

/** Writes the call of a matrix product, of all rows or a range of them, and its description into the memory. */
function productWriter(
  { engine, memory, products, productBytes }: ModuleParts,
  functions: ReadonlyMap<string, number>,
): (code: Code, kernel: MatmulKernel, range?: Range, thread?: number) => void {
  let next = memory.descriptors;
  const descriptors = new Map<PreparedMatmul, number>();
  return (code, kernel, range, thread) => {
    const product = products.get(kernel)!;
    const { words, routine, rows } = product;
    let descriptor = descriptors.get(product);
    if (descriptor === undefined) {
      engine.heap.i32.set(words, next / 4);
      descriptors.set(product, (descriptor = next));
      next += Math.ceil(words.length / 4) * 16;
    }
    code.i32(descriptor);
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
    if (thread !== undefined) code.get(thread).i32(productBytes).op("i32.mul").op("i32.add");
    code.call(functions.get(routine)!);
  };
}
