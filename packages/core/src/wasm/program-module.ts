import { itemSize } from "../dtype.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Kernel, MatmulKernel } from "../kernel/kernel.js";
import type { Schedule } from "../program/schedule.js";
import { type Code, ModuleBuilder } from "./assembler.js";
import type { WasmEngine } from "./engine.js";
import { hostCalls } from "./loops/host-functions.js";
import { type Range, type Surroundings, writeLoopKernel } from "./loops/loop-kernel.js";
import { expressionsOf } from "./loops/nest.js";
import { writeNodeKernel } from "./nodes/node-kernel.js";
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
  const around: Surroundings = {
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
  // Each Kernel is exported too, for those who time them one by one.
  const steps = kernels.map((kernel, index) =>
    module.define(`kernel${index}`, [], [], (code) => {
      if (threads?.has(index) === true) threads.call(code, index);
      else if (kernel.kind === "loop") writeLoopKernel(code, kernel, around);
      else if (parts.isHosted(index)) code.i32(index).call(host);
      else if (kernel.kind === "node") writeNodeKernel(code, source, kernel.node, around, refuse);
      else multiply(code, kernel);
    }),
  );
  module.define("run", [], [], (code) => {
    for (const step of steps) code.call(step);
    for (const [node, input] of copied) {
      memory.address(code, input);
      memory.address(code, node);
      code.i32(memory.bytesOf(node)).copy();
    }
  });
  return { bytes: module.finish(), calls, isShared };
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
