import type { Buffer, Description, Executable } from "../backend/backend.js";
import type { Program } from "../program/program.js";
import type { Schedule } from "../program/schedule.js";
import { sizeOf } from "../shape.js";
import type { WasmEngine } from "./engine.js";
import { HostBuffer } from "./host-buffer.js";
import { type Layout, pieceBytes, smallInput } from "./layout.js";
import { ProgramCode } from "./program-code.js";
import type { ProgramMemory } from "./program-memory.js";
import { planProgram } from "./program-plan.js";

/** Reads after which a small input becomes resident: it is a parameter or a data set, not the batch of one step. */
const oftenRead = 3;

const now = (): number => (globalThis as { performance?: { now(): number } }).performance?.now() ?? Date.now();

/** A Program as one WebAssembly module, which a run provides with memory. */
export class CompiledProgram implements Executable {
  private readonly code: ProgramCode;
  private readonly engine: WasmEngine;
  private readonly memory: ProgramMemory;
  private readonly compileMs: number;
  private readonly inputBytes: readonly number[];
  /** Elements of each output. */
  private readonly lengths: readonly number[];

  constructor(engine: WasmEngine, recorded: Program, fuse = true) {
    const start = now();
    this.engine = engine;
    this.code = new ProgramCode(engine, planProgram(engine, recorded, fuse));
    this.memory = this.code.memory;
    const { nodes, inputs, outputs } = this.schedule.program;
    this.lengths = outputs.map(({ node }) => sizeOf(nodes[node]!.shape));
    this.inputBytes = inputs.map((node) => this.memory.bytesOf(node));
    this.compileMs = now() - start;
  }

  get schedule(): Schedule {
    return this.code.plan.schedule;
  }

  get layout(): Layout {
    return this.code.plan.layout;
  }

  /** The engine's when this was compiled; it is of no use once the engine has another. */
  get generation(): number {
    return this.code.generation;
  }

  /** @internal `run`; each Kernel by its number, if the engine keeps them separate. */
  get exports(): Readonly<Record<string, () => void>> {
    return this.code.exports;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { engine, layout, inputBytes } = this;
    const { program } = this.schedule;
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
    this.memory.arena = arena;
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
    this.code.run();
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
    const { bodies } = this.code.plan;
    const { arenaBytes, scratch, lowerBound } = this.layout;
    return {
      tier: "compiled",
      schedule,
      bodies: new Map([...bodies].map(([place, body]) => [place, body.schedule])),
      hostKernels: this.code.interpreted,
      compileMs,
      arenaBytes: scratch,
      lowerBound,
      scratchBytes: arenaBytes - scratch,
    };
  }

  release(): void {
    this.code.release();
  }
}
