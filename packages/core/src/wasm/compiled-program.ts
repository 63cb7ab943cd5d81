import type { Buffer, Description, Executable } from "../backend/backend.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Program } from "../program/program.js";
import { type Schedule, valueOf } from "../program/schedule.js";
import { outOfRange } from "../reference/indexing.js";
import { handlers } from "../reference/interpreter.js";
import { sizeOf } from "../shape.js";
import type { WasmEngine } from "./engine.js";
import { HostBuffer } from "./host-buffer.js";
import { type Layout, pieceBytes, smallInput } from "./layout.js";
import { isWritten } from "./nodes/node-kernel.js";
import { ProgramMemory } from "./program-memory.js";
import { writeProgram } from "./program-module.js";
import { planProgram } from "./program-plan.js";
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
  /** @internal `run`; each Kernel by its number, if the engine keeps them separate. */
  readonly exports: Readonly<Record<string, () => void>>;
  private readonly engine: WasmEngine;
  private readonly program: Program;
  private readonly memory: ProgramMemory;
  private readonly call: () => void;
  private readonly compileMs: number;
  private readonly inputBytes: readonly number[];
  /** Elements of each output. */
  private readonly lengths: readonly number[];
  private readonly hostRuns: ReadonlyMap<number, () => void>;
  /** The threads that share its work, and the number by which they know it; null where none is large enough. */
  private readonly shared: { readonly sharing: Sharing; readonly number: number } | null;

  constructor(engine: WasmEngine, recorded: Program, fuse = true) {
    const start = now();
    this.engine = engine;
    this.generation = engine.generation;
    this.program = recorded;
    const plan = planProgram(engine, recorded, fuse);
    const { source, products, productBytes } = plan;
    this.schedule = plan.schedule;
    const { program, kernels } = this.schedule;
    const { nodes } = program;
    this.memory = new ProgramMemory(engine.heap, this.schedule, source, plan.room);
    this.layout = this.memory.layout;
    this.lengths = program.outputs.map(({ node }) => sizeOf(nodes[node]!.shape));
    this.inputBytes = program.inputs.map((node) => this.memory.bytesOf(node));
    const hostRuns = new Map<number, () => void>();
    kernels.forEach((kernel, index) => {
      if (kernel.kind === "node" && !isWritten(source, kernel.node))
        hostRuns.set(index, this.hostRun(kernel.node, source));
    });
    this.hostRuns = hostRuns;
    const isHosted = (index: number): boolean => hostRuns.has(index);
    const parts = {
      engine,
      schedule: this.schedule,
      memory: this.memory,
      source,
      products,
      scratchBytes: productBytes,
      isHosted,
    };
    const { bytes, calls, isShared } = writeProgram(parts);
    this.shared = isShared ? { sharing: engine.sharing!, number: engine.sharing!.nextProgram } : null;
    const own = {
      program: {
        host: (index: number): void => {
          hostRuns.get(index)!();
        },
        refuse: (place: number, node: number): void => {
          const { shape, srcs } = nodes[node]!;
          throw outOfRange(nodes[node]!, place, nodes[node]!.op === "scatter" ? shape : nodes[srcs[0]!]!.shape);
        },
      },
    };
    const called = [...products.values()].map(({ routine }) => routine);
    this.exports = engine.instantiate(bytes, calls, called, own, isShared) as Record<string, () => void>;
    this.call = this.exports.run!;
    this.compileMs = now() - start;
  }

  /** Prepares a Node that the interpreter runs on views of the memory. */
  private hostRun(place: number, source: Source): () => void {
    const { program } = this.schedule;
    const node = program.nodes[place]!;
    const run = handlers[node.op as keyof typeof handlers](
      node,
      node.srcs.map((src) => program.nodes[src]!),
      program,
    );
    const srcs = node.srcs.map((src) => valueOf(source, src));
    return () => {
      run(
        this.memory.view(place),
        srcs.map((src) => this.memory.view(src)),
      );
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
    const table = this.memory.table / 4;
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
    const numbers = this.memory.numbers / 8;
    for (let k = 0; k < scalars.length; k++) f64[numbers + k] = scalars[k]!;
    this.call();
    if (this.shared?.sharing.hasFailed === true)
      throw new Error("cpu: a thread has failed, so this result is not complete; setNumThreads(1) works without them");
    const { start, bytes } = layout.bundle;
    const bundle = (arena + start) / 4;
    let piece: Float32Array | null = null;
    let begin = -1; // of the piece, in the bundle
    for (let k = 0; k < outputs.length; k++) {
      if (made[k] !== undefined) continue;
      const { dtype } = program.nodes[outputs[k]!.node]!;
      const length = this.lengths[k]!;
      const place = results[k]! - start;
      if (length > 0 && place >= 0 && place < bytes) {
        const from = place - (place % pieceBytes);
        if (piece === null || from !== begin) {
          piece = heap.f32.slice(bundle + from / 4, bundle + Math.min(from + pieceBytes, bytes) / 4);
          begin = from;
        }
        made[k] = new HostBuffer(dtype, length, piece, (place - from) / 4);
      } else made[k] = new HostBuffer(dtype, length, heap.view(dtype, arena + results[k]!, length).slice());
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
    this.memory.release();
    this.shared?.sharing.drop(this.shared.number);
  }
}
