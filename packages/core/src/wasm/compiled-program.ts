import type { Buffer, Description, Executable } from "../backend/backend.js";
import { itemSize, type DType, type TypedArray } from "../dtype.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Kernel, MatmulKernel } from "../kernel/kernel.js";
import { type Schedule, schedule, valueOf } from "../program/schedule.js";
import type { Program } from "../program/program.js";
import { outOfRange } from "../reference/indexing.js";
import { handlers } from "../reference/interpreter.js";
import { sizeOf } from "../shape.js";
import { type Code, ModuleBuilder } from "./assembler.js";
import type { WasmEngine } from "./engine.js";
import { HostBuffer } from "./host-buffer.js";
import { layOut, type Layout, smallInput } from "./layout.js";
import { hostCalls } from "./loops/host-functions.js";
import { type Range, type Surroundings, writeLoopKernel } from "./loops/loop-kernel.js";
import { planNest } from "./loops/nest.js";
import { prepare } from "./matmul-kernel.js";
import { isWritten, writeNodeKernel } from "./nodes/node-kernel.js";
import type { PreparedMatmul } from "./routines/descriptor.js";
import { routines } from "./routines/routines.js";
import type { Sharing } from "./threads/sharing.js";

/** Reads after which a small input becomes resident: it is a parameter or a data set, not the batch of one step. */
const oftenRead = 3;

const now = (): number => (globalThis as { performance?: { now(): number } }).performance?.now() ?? Date.now();

/** A Program as one WebAssembly module: one call runs all of its Kernels. */
export class CompiledProgram implements Executable {
  readonly schedule: Schedule;
  readonly layout: Layout;
  /** The engine's when this was compiled; it is of no use once the engine has another. */
  readonly generation: number;
  private readonly engine: WasmEngine;
  private readonly program: Program;
  private readonly table: number;
  private readonly numbers: number;
  private readonly descriptors: number;
  /** @internal `run`, and each Kernel by its number. */
  readonly exports: Readonly<Record<string, () => void>>;
  private readonly call: () => void;
  private readonly compileMs: number;
  private readonly inputBytes: readonly number[];
  /** Elements of each output. */
  private readonly lengths: readonly number[];
  private readonly hostRuns = new Map<number, () => void>();
  private numberAt = new Map<number, number>();
  /** The threads that share its work, and the number by which they know it; null where none is large enough. */
  private shared: { readonly sharing: Sharing; readonly number: number } | null = null;
  private scratchBytes = 0;

  constructor(engine: WasmEngine, recorded: Program, fuse = true) {
    const start = now();
    this.engine = engine;
    this.generation = engine.generation;
    this.program = recorded;
    this.schedule = schedule(recorded, fuse);
    const { program, kernels } = this.schedule;
    const { nodes } = program;
    const prepared = new Map<Kernel, PreparedMatmul>();
    let words = 0;
    for (const kernel of kernels) {
      if (kernel.kind !== "matmul") continue;
      const matmul = prepare(kernel, engine.features);
      prepared.set(kernel, matmul);
      this.scratchBytes = Math.max(this.scratchBytes, matmul.scratchBytes);
      words += Math.ceil(matmul.words.length / 4) * 4;
    }
    const written = new Set(kernels.flatMap((kernel) => writtenBy(kernel)));
    const isStored = (node: number): boolean => nodes[node]!.op === "buffer" || written.has(node);
    this.layout = layOut(this.schedule, isStored, this.scratchBytes * (engine.sharing?.threads ?? 1));
    const numbersAt = Math.ceil(this.layout.words / 2) * 8;
    const descriptorsAt = Math.ceil((numbersAt + program.scalars.length * 8) / 16) * 16;
    this.table = engine.heap.allocate(descriptorsAt + words * 4, "other", "program");
    this.numbers = this.table + numbersAt;
    this.descriptors = this.table + descriptorsAt;
    program.scalars.forEach((node, k) => this.numberAt.set(node, this.numbers + 8 * k));
    this.lengths = program.outputs.map(({ node }) => sizeOf(nodes[node]!.shape));
    this.inputBytes = program.inputs.map((node) => sizeOf(nodes[node]!.shape) * itemSize[nodes[node]!.dtype]);
    const source = { nodes, isStored };
    kernels.forEach((kernel, index) => {
      if (kernel.kind === "node" && !isWritten(source, kernel.node))
        this.hostRuns.set(index, this.hostRun(kernel.node, isStored));
    });
    const { bytes, calls } = this.write(prepared, source);
    const own = {
      program: {
        host: (index: number): void => {
          this.hostRuns.get(index)!();
        },
        refuse: (place: number, node: number): void => {
          const { shape, srcs } = nodes[node]!;
          throw outOfRange(nodes[node]!, place, nodes[node]!.op === "scatter" ? shape : nodes[srcs[0]!]!.shape);
        },
      },
    };
    this.exports = engine.instantiate(
      bytes,
      calls,
      [...prepared.values()].map(({ routine }) => routine),
      own,
      this.shared !== null,
    ) as Record<string, () => void>;
    this.call = this.exports["run"]!;
    this.compileMs = now() - start;
  }

  /** Writes the module: a function per Kernel, and `run`, which calls them in order and then copies what remains. */
  private write(prepared: ReadonlyMap<Kernel, PreparedMatmul>, source: Source): { bytes: Uint8Array; calls: string[] } {
    const { engine, schedule: plan, layout } = this;
    const { program, kernels, copied } = plan;
    const module = new ModuleBuilder(engine.limits);
    const calls = new Set<string>();
    for (const kernel of kernels) {
      if (kernel.kind === "loop")
        for (const expression of planNest(kernel, false).expressions)
          hostCalls(expression).forEach((name) => calls.add(name));
    }
    const functions = new Map<string, number>();
    for (const name of calls) {
      functions.set(name, module.import("host", name, name.startsWith("binary") ? ["f64", "f64"] : ["f64"], ["f64"]));
    }
    for (const { routine } of prepared.values()) {
      if (!functions.has(routine)) functions.set(routine, module.import("routines", routine, routines[routine]!, []));
    }
    const host = module.import("program", "host", ["i32"], []);
    const refuse = module.import("program", "refuse", ["i32", "i32"], []);
    const threads = engine.sharing?.begin(module) ?? null;
    const around: Surroundings = {
      flavour: engine.flavour,
      host: (name) => functions.get(name)!,
      dtypeOf: (value) => program.nodes[value]!.dtype,
      bytesOf: (value) => sizeOf(program.nodes[value]!.shape) * itemSize[program.nodes[value]!.dtype],
      address: (code, value) => {
        this.address(code, value);
      },
      number: (code, node) => {
        code.i32(this.numberAt.get(node)!).memory("f64.load");
      },
    };
    let descriptor = this.descriptors;
    const matmul = (code: Code, kernel: MatmulKernel, range?: Range, thread?: number): void => {
      const { words, routine, rows } = prepared.get(kernel)!;
      engine.heap.i32.set(words, descriptor / 4);
      code.i32(descriptor);
      for (const place of [kernel.a, kernel.b]) {
        const size = itemSize[around.dtypeOf(place.value)];
        this.address(code, place.value);
        code.i32(place.at.offset * size).op("i32.add");
        for (const { scalar, stride } of place.at.moving) {
          around.number(code, scalar);
          code
            .op("i32.trunc_sat_f64_s")
            .i32(stride * size)
            .op("i32.mul")
            .op("i32.add");
        }
      }
      this.address(code, kernel.out);
      if (range === undefined) code.i32(0).i32(rows);
      else code.get(range.start).get(range.end);
      code.i32(this.table).memory("i32.load").i32(layout.scratch).op("i32.add");
      if (thread !== undefined) code.get(thread).i32(this.scratchBytes).op("i32.mul").op("i32.add");
      code.call(functions.get(routine)!);
      descriptor += Math.ceil(words.length / 4) * 16;
    };
    if (threads !== null) {
      kernels.forEach((kernel, index) => {
        if (kernel.kind === "loop") threads.loop(index, kernel, around);
        else if (kernel.kind === "matmul")
          threads.matmul(index, kernel, prepared.get(kernel)!.rows, (code, range, thread) => {
            matmul(code, kernel, range, thread);
          });
      });
      if (threads.close()) this.shared = { sharing: engine.sharing!, number: engine.sharing!.nextProgram };
    }
    // Each Kernel is exported too, for those who time them one by one.
    const steps = kernels.map((kernel, index) =>
      module.define(`kernel${index}`, [], [], (code) => {
        if (threads?.has(index) === true) threads.call(code, index);
        else if (kernel.kind === "loop") writeLoopKernel(code, kernel, around);
        else if (this.hostRuns.has(index)) code.i32(index).call(host);
        else if (kernel.kind === "node") writeNodeKernel(code, source, kernel.node, around, refuse);
        else matmul(code, kernel);
      }),
    );
    module.define("run", [], [], (code) => {
      for (const step of steps) code.call(step);
      for (const [node, input] of copied) {
        this.address(code, input);
        this.address(code, node);
        code.i32(around.bytesOf(node)).copy();
      }
    });
    return { bytes: module.finish(), calls: [...calls] };
  }

  /** Puts the address of a value on the stack. */
  private address(code: Code, node: number): void {
    const location = this.layout.locations.get(node)!;
    if ("entry" in location) code.i32(this.table + 4 * location.entry).memory("i32.load");
    else code.i32(this.table).memory("i32.load").i32(location.arena).op("i32.add");
  }

  /** Prepares a Node that the interpreter runs on views of the memory. */
  private hostRun(place: number, isStored: (node: number) => boolean): () => void {
    const { program } = this.schedule;
    const { nodes } = program;
    const { heap } = this.engine;
    const node = nodes[place]!;
    const run = handlers[node.op as keyof typeof handlers](
      node,
      node.srcs.map((src) => nodes[src]!),
      program,
    );
    const view = (dtype: DType, value: number): TypedArray => {
      const location = this.layout.locations.get(value)!;
      const table = this.table / 4;
      const address = "entry" in location ? heap.i32[table + location.entry]! : heap.i32[table]! + location.arena;
      return heap.view(dtype, address >>> 0, sizeOf(nodes[value]!.shape));
    };
    return () => {
      const srcs = node.srcs.map((src) => {
        const value = valueOf({ nodes, isStored }, src);
        const { op, dtype } = nodes[value]!;
        if (op !== "scalar") return view(dtype, value);
        return [heap.f64[this.numberAt.get(value)! / 8]!] as unknown as TypedArray;
      });
      run(view(node.dtype, place), srcs);
    };
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { program, engine, layout, inputBytes } = this;
    const { heap, residency } = engine;
    const { entries, staging, own, results } = layout;
    const { outputs } = program;
    residency.beginRun();
    // Whatever may fail for want of memory comes before the first write.
    const arena = heap.reserveArena(layout.arenaBytes);
    for (let k = 0; k < inputs.length; k++) {
      const buffer = inputs[k] as HostBuffer;
      if (buffer.address !== 0) residency.touch(buffer);
      else if (inputBytes[k]! > smallInput || ++buffer.reads > oftenRead) residency.makeResident(buffer, "data");
    }
    const made = new Array<Buffer>(outputs.length);
    for (let k = 0; k < outputs.length; k++) {
      const { node, overwrites } = outputs[k]!;
      if (overwrites >= 0) {
        const target = inputs[overwrites] as HostBuffer;
        residency.makeResident(target, "state");
        made[k] = target;
      } else if (own[k]! >= 0) {
        const { dtype, shape } = program.nodes[node]!;
        made[k] = residency.adopt(sizeOf(shape), dtype);
      }
    }
    const { i32, f64 } = heap;
    const table = this.table / 4;
    i32[table] = arena;
    for (let k = 0; k < inputs.length; k++) {
      const buffer = inputs[k] as HostBuffer;
      let { address } = buffer;
      if (address === 0) {
        address = arena + staging[k]!;
        const array = buffer.array!;
        if (array instanceof Float32Array && array.length === 1) heap.f32[address / 4] = array[0]!;
        else heap.view(buffer.dtype, address, buffer.length).set(array);
      }
      i32[table + entries[k]!] = address;
    }
    for (let k = 0; k < outputs.length; k++) {
      if (own[k]! >= 0) i32[table + own[k]!] = (made[k] as HostBuffer).address;
    }
    const numbers = this.numbers / 8;
    for (let k = 0; k < scalars.length; k++) f64[numbers + k] = scalars[k]!;
    this.call();
    if (this.shared?.sharing.hasFailed === true)
      throw new Error("cpu: a thread has failed, so this result is not complete; setNumThreads(1) works without them");
    const { start, bytes } = layout.bundle;
    const bundle = bytes === 0 ? null : heap.f32.slice((arena + start) / 4, (arena + start + bytes) / 4);
    for (let k = 0; k < outputs.length; k++) {
      if (made[k] !== undefined) continue;
      const { dtype } = program.nodes[outputs[k]!.node]!;
      const length = this.lengths[k]!;
      const place = results[k]! - start;
      if (bundle !== null && length > 0 && place >= 0 && place < bytes)
        made[k] = new HostBuffer(dtype, length, bundle, place / 4);
      else made[k] = new HostBuffer(dtype, length, heap.view(dtype, arena + results[k]!, length).slice());
    }
    return made;
  }

  describe(): Description {
    const { schedule, compileMs } = this;
    const { arenaBytes, scratch, lowerBound } = this.layout;
    return {
      tier: "compiled",
      schedule,
      hostKernels: [...this.hostRuns.keys()],
      compileMs,
      arenaBytes: scratch,
      lowerBound,
      scratchBytes: arenaBytes - scratch,
    };
  }

  release(): void {
    this.engine.heap.free(this.table);
    this.shared?.sharing.drop(this.shared.number);
  }
}

function writtenBy(kernel: Kernel): number[] {
  if (kernel.kind === "loop") return [...kernel.body, ...kernel.tail].map((store) => store.place.value);
  return [kernel.kind === "matmul" ? kernel.out : kernel.node];
}
