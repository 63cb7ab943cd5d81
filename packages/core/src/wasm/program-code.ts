import { valueOf } from "../program/schedule.js";
import { outOfRange } from "../reference/indexing.js";
import { handlers } from "../reference/interpreter.js";
import { recurSupport } from "../program/recurring.js";
import type { WasmEngine } from "./engine.js";
import { isWritten } from "./nodes/node-kernel.js";
import { ProgramMemory } from "./program-memory.js";
import { writeProgram } from "./program-module.js";
import type { ProgramPlan } from "./program-plan.js";
import type { Sharing } from "./threads/sharing.js";

/** What the host does in the middle of a Program. */
interface HostRun {
  run(): void;
  release?(): void;
}

/** A planned Program as one WebAssembly module, and the memory that it works on: one call runs all of its Kernels. */
export class ProgramCode {
  readonly plan: ProgramPlan;
  readonly memory: ProgramMemory;
  /** The engine's when this was compiled; it is of no use once the engine has another. */
  readonly generation: number;
  /** `run`; each Kernel by its number, if the engine keeps them separate. */
  readonly exports: Readonly<Record<string, () => void>>;
  /** Kernels that the interpreter runs, by their number. */
  readonly interpreted: readonly number[];
  private readonly call: () => void;
  private readonly hostRuns: ReadonlyMap<number, HostRun>;
  /** The threads that share its work, and the number by which they know it; null where none is large enough. */
  private readonly shared: { readonly sharing: Sharing; readonly number: number } | null;

  constructor(engine: WasmEngine, plan: ProgramPlan) {
    const { schedule, source, products } = plan;
    const { nodes } = schedule.program;
    this.plan = plan;
    this.generation = engine.generation;
    this.memory = new ProgramMemory(engine.heap, plan);
    const hostRuns = new Map<number, HostRun>();
    const interpreted: number[] = [];
    schedule.kernels.forEach((kernel, index) => {
      if (kernel.kind !== "node") return;
      const { node } = kernel;
      if (nodes[node]!.op === "recur") hostRuns.set(index, recurSupport().compiler(engine, this, node));
      else if (!isWritten(source, node)) {
        interpreted.push(index);
        hostRuns.set(index, { run: this.interpretation(node) });
      }
    });
    this.hostRuns = hostRuns;
    this.interpreted = interpreted;
    const isHosted = (index: number): boolean => hostRuns.has(index);
    const { bytes, calls, isShared } = writeProgram({ ...plan, engine, memory: this.memory, isHosted });
    this.shared = isShared ? { sharing: engine.sharing!, number: engine.sharing!.nextProgram } : null;
    const own = {
      program: {
        host: (index: number): void => {
          hostRuns.get(index)!.run();
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
  }

  /** Prepares a Node that the interpreter runs on views of the memory. */
  private interpretation(place: number): () => void {
    const { source, schedule } = this.plan;
    const { program } = schedule;
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

  run(): void {
    this.call();
    if (this.shared?.sharing.hasFailed === true)
      throw new Error("cpu: a thread has failed, so this result is not complete; setNumThreads(1) works without them");
  }

  release(): void {
    this.memory.release();
    this.shared?.sharing.drop(this.shared.number);
    for (const hosted of this.hostRuns.values()) hosted.release?.();
  }
}
