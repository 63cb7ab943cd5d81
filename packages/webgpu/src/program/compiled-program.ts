import type { Buffer, Description, Executable, Program } from "@downhill/core/engine";
import type { Schedule } from "@downhill/core/compiler";
import { sizeOf } from "@downhill/core/engine";
import type { Pipeline } from "../device/pipelines.js";
import { usage } from "../device/usage.js";
import { type GpuBuffer, gpuBuffer } from "../memory/gpu-buffer.js";
import type { Engine } from "../device/engine.js";
import type { Dispatches } from "./dispatches.js";
import type { Layout } from "./layout.js";
import { type Change, ParameterWords } from "./parameter-words.js";
import { planProgram } from "./program-plan.js";

const now = (): number => (globalThis as { performance?: { now(): number } }).performance?.now() ?? Date.now();

/** A Program as compute shaders: a run is one write of parameters and one submission. */
export class CompiledProgram implements Executable {
  readonly schedule: Schedule;
  readonly layout: Layout;
  readonly dispatches: Dispatches;
  /** Whether an index may be out of range, or a divisor 0. */
  private readonly mayFail: boolean;
  /** The Kernels of what its recurrences repeat, by their Nodes. */
  private readonly bodies: ReadonlyMap<number, Schedule>;
  private readonly engine: Engine;
  private readonly pipelines: readonly Pipeline[];
  /** All pipelines compiled; null once they are. */
  private compiled: Promise<unknown> | null;
  private readonly compileMs: number;
  private readonly parameters: ParameterWords;
  private readonly parameterBuffer: GPUBuffer;
  /** Why it cannot run: a shader does not compile. */
  private broken: Error | null = null;
  /** Where the results of the last run were put: those of the next go there too where they can, so that nothing changes. */
  private places: readonly number[] = [];
  private bindGroup: GPUBindGroup | null = null;
  private generation = -1;

  constructor(engine: Engine, recorded: Program) {
    const start = now();
    this.engine = engine;
    const { schedule, dispatches, layout, mayFail, bodies } = planProgram(engine, recorded);
    this.bodies = new Map([...bodies].map(([place, body]) => [place, body.schedule]));
    this.schedule = schedule;
    this.dispatches = dispatches;
    this.layout = layout;
    this.mayFail = mayFail;
    const { list } = dispatches;
    this.pipelines = list.map(({ code, label }) => engine.pipelines.get(code, label));
    this.compiled = this.pipelines.every(({ ready }) => ready !== null)
      ? null
      : Promise.all(this.pipelines.map(({ compiled }) => compiled)).then(() => (this.compiled = null));
    this.compiled?.catch(() => undefined);
    this.parameters = new ParameterWords(list, layout, schedule.program.scalars, engine.failures);
    this.parameterBuffer = engine.device.createBuffer({
      label: "downhill: parameters",
      size: this.parameters.bytes,
      usage: usage.uniform | usage.storage | usage.copyDst,
    });
    this.compileMs = now() - start;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { engine } = this;
    const { program } = this.schedule;
    engine.checkAlive();
    if (this.broken !== null) throw this.broken;
    const buffers = inputs.map((input) => gpuBuffer(input));
    const run = engine.failures.begin(buffers, this.mayFail);
    // Whatever may fail for want of memory comes before the first write.
    const [arena, results] = this.makeRoom(buffers);
    program.outputs.forEach(({ overwrites }, k) => {
      results[k]!.writtenBy = run;
      if (overwrites < 0) results[k]!.madeBy = run;
    });
    const change = this.parameters.fill({ arena, inputs: buffers, outputs: results, scalars, number: run });
    engine.commands.push(
      () => {
        if (engine.failures.isSpoiled(run)) this.parameters.forget();
        else this.submit(change);
      },
      this.compiled,
      (error) => engine.failures.spoil(run, (this.broken = error as Error)),
    );
    return results;
  }

  /** Has a run's inputs, intermediates and results in memory, all of them at a time. Throws a MemoryError. */
  private makeRoom(inputs: readonly GpuBuffer[]): [arena: number, results: GpuBuffer[]] {
    const { memory } = this.engine;
    const { outputs, nodes } = this.schedule.program;
    memory.beginRun();
    try {
      for (const input of inputs) memory.use(input);
      const arena = memory.reserveArena(this.layout.arenaBytes);
      const found = outputs.map(({ node, overwrites }, k): GpuBuffer | null => {
        const { dtype, shape } = nodes[node]!;
        if (overwrites < 0) return memory.makeAt(dtype, sizeOf(shape), this.places[k] ?? 0);
        const target = inputs[overwrites]!;
        target.block.holder = "state";
        return target;
      });
      // Only now, so that they take no place that is another's.
      const results = found.map((buffer, k) => {
        const { dtype, shape } = nodes[outputs[k]!.node]!;
        return buffer ?? memory.make(dtype, sizeOf(shape));
      });
      this.places = results.map(({ block }) => block.address);
      return [arena, results];
    } finally {
      memory.endRun();
    }
  }

  private submit(change: Change | null): void {
    const { engine, pipelines } = this;
    const { device } = engine;
    const { list } = this.dispatches;
    if (list.length === 0) return;
    if (change !== null) device.queue.writeBuffer(this.parameterBuffer, change.start, change.words);
    const encoder = device.createCommandEncoder({ label: "downhill: step" });
    const timer = engine.profiler?.begin(this.dispatches) ?? null;
    let pass = encoder.beginComputePass({ label: "downhill: step", ...timer?.pass(0) });
    const group = this.group();
    let set: Pipeline | null = null;
    for (let i = 0; i < list.length; i++) {
      if (timer !== null && i > 0) {
        // Only whole passes are timed.
        pass.end();
        pass = encoder.beginComputePass({ label: "downhill: step", ...timer.pass(i) });
        set = null;
      }
      const pipeline = pipelines[i]!;
      if (pipeline !== set) pass.setPipeline(pipeline.ready!);
      set = pipeline;
      pass.setBindGroup(0, group, this.parameters.offsets[i]);
      if (engine.debug) pass.pushDebugGroup(list[i]!.label);
      pass.dispatchWorkgroups(...list[i]!.workgroups);
      if (engine.debug) pass.popDebugGroup();
    }
    pass.end();
    timer?.finish(encoder);
    device.queue.submit([encoder.finish()]);
    timer?.read();
    engine.counts.dispatches += list.length;
    engine.counts.submissions++;
  }

  private group(): GPUBindGroup {
    const { engine } = this;
    const { memory } = engine;
    if (this.bindGroup === null || this.generation !== memory.heap.generation) {
      this.generation = memory.heap.generation;
      engine.counts.bindGroups++;
      this.bindGroup = engine.device.createBindGroup({
        label: "downhill",
        layout: engine.pipelines.bindGroupLayout,
        entries: [
          { binding: 0, resource: { buffer: memory.heap.buffer } },
          { binding: 1, resource: { buffer: this.parameterBuffer, size: this.parameters.window } },
          { binding: 2, resource: { buffer: engine.failures.buffer } },
          { binding: 3, resource: { buffer: this.parameterBuffer, size: this.parameters.tableBytes } },
        ],
      });
    }
    return this.bindGroup;
  }

  describe(): Description {
    const { arenaBytes, scratch, lowerBound } = this.layout;
    return {
      tier: "compiled",
      schedule: this.schedule,
      bodies: this.bodies,
      hostKernels: [],
      compileMs: this.compileMs,
      arenaBytes: scratch,
      lowerBound,
      scratchBytes: arenaBytes - scratch,
    };
  }

  release(): void {
    this.engine.commands.push(() => this.parameterBuffer.destroy());
  }
}
