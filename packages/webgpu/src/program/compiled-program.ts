import type { Buffer, Description, Executable, Program } from "@downhill/core/engine";
import { type Kernel, mayFail, type Schedule, schedule, type Source } from "@downhill/core/compiler";
import { sizeOf } from "@downhill/core/engine";
import type { Pipeline } from "../device/pipelines.js";
import { usage } from "../device/usage.js";
import { type GpuBuffer, gpuBuffer } from "../memory/gpu-buffer.js";
import type { Engine } from "../device/engine.js";
import { type Dispatches, writeDispatches } from "./dispatches.js";
import { type Layout, layOut } from "./layout.js";

/** The alignment of a dispatch's parameters, in 32-bit words. */
const stride = 64;

const now = (): number => (globalThis as { performance?: { now(): number } }).performance?.now() ?? Date.now();

/** What a run fills parameters in from. */
interface Words {
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
}

/** A Program as compute shaders: a run is one write of parameters and one submission. */
export class CompiledProgram implements Executable {
  readonly schedule: Schedule;
  readonly layout: Layout;
  readonly dispatches: Dispatches;
  /** Whether an index may be out of range, or a divisor 0. */
  private readonly mayFail: boolean;
  private readonly engine: Engine;
  private readonly pipelines: readonly Pipeline[];
  /** All pipelines compiled; null once they are. */
  private compiled: Promise<unknown> | null;
  private readonly compileMs: number;
  private readonly words: Words;
  private readonly parameters: GPUBuffer;
  /** The most bytes of parameters of a dispatch: what the binding shows. */
  private readonly window: number;
  private bindGroup: GPUBindGroup | null = null;
  private generation = -1;

  constructor(engine: Engine, recorded: Program) {
    const start = now();
    this.engine = engine;
    this.schedule = schedule(recorded);
    const { program, kernels } = this.schedule;
    const { nodes } = program;
    const written = new Set(kernels.flatMap(writtenBy));
    const source: Source = { nodes, isStored: (node) => nodes[node]!.op === "buffer" || written.has(node) };
    this.mayFail = nodes.some(mayFail);
    this.dispatches = writeDispatches(this.schedule, source, {
      dtypeOf: (value) => nodes[value]!.dtype,
      lengthOf: (value) => sizeOf(nodes[value]!.shape),
      overwrites: (value) => this.schedule.inPlace.has(value),
      limits: engine.device.limits,
      subgroups: engine.device.features.has("subgroups"),
      chooseMatmul: (shape) => engine.tuning.choose(shape),
    });
    const { list, scratchBytes } = this.dispatches;
    this.layout = layOut(this.schedule, source, scratchBytes);
    this.pipelines = list.map(({ code, label }) => engine.pipelines.get(code, label));
    this.compiled = this.pipelines.every(({ ready }) => ready !== null)
      ? null
      : Promise.all(this.pipelines.map(({ compiled }) => compiled)).then(() => (this.compiled = null));
    this.compiled?.catch(() => undefined);
    const sizes = list.map(({ words }) => Math.max(1, Math.ceil(words.length / stride)) * stride);
    this.window = 4 * Math.max(stride, ...sizes);
    const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0) + this.window;
    const buffer = new ArrayBuffer(bytes);
    this.words = { u32: new Uint32Array(buffer), i32: new Int32Array(buffer), f32: new Float32Array(buffer) };
    this.parameters = engine.device.createBuffer({
      label: "downhill: parameters",
      size: bytes,
      usage: usage.uniform | usage.copyDst,
    });
    this.compileMs = now() - start;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { engine, layout } = this;
    const { program } = this.schedule;
    const buffers = inputs.map((input) => gpuBuffer(input));
    const run = engine.failures.begin(buffers, this.mayFail);
    // Whatever may fail for want of memory comes before the first write.
    const { memory } = engine;
    memory.beginRun();
    for (const buffer of buffers) memory.use(buffer);
    const arena = memory.reserveArena(layout.arenaBytes);
    const results = program.outputs.map(({ node, overwrites }): GpuBuffer => {
      const { dtype, shape } = program.nodes[node]!;
      if (overwrites < 0) return memory.make(dtype, sizeOf(shape));
      const target = buffers[overwrites]!;
      target.block.holder = "state";
      return target;
    });
    program.outputs.forEach(({ overwrites }, k) => {
      results[k]!.writtenBy = run;
      if (overwrites < 0) results[k]!.madeBy = run;
    });
    const parameters = this.fill(arena, buffers, results, scalars, run);
    engine.commands.push(() => this.submit(parameters), this.compiled);
    return results;
  }

  /** The parameters of all dispatches, as they are sent. */
  private fill(
    arena: number,
    inputs: readonly GpuBuffer[],
    outputs: readonly GpuBuffer[],
    scalars: readonly number[],
    run: number,
  ): Uint32Array<ArrayBuffer> {
    const { words, layout } = this;
    const { program } = this.schedule;
    const places = new Map(program.scalars.map((node, k) => [node, k]));
    let start = 0;
    for (const { words: wanted } of this.dispatches.list) {
      wanted.forEach((word, i) => {
        const at = start + i;
        switch (word.kind) {
          case "address": {
            const location = layout.locations.get(word.value)!;
            const address =
              location.kind === "arena"
                ? arena + location.offset
                : (location.kind === "input" ? inputs[location.input]! : outputs[location.output]!).block.address;
            words.u32[at] = address / 4;
            break;
          }
          case "scratch":
            words.u32[at] = (arena + layout.scratch) / 4;
            break;
          case "number": {
            const value = scalars[places.get(word.node)!]!;
            if (word.dtype === "float32") words.f32[at] = value;
            else words.i32[at] = value;
            break;
          }
          case "failing":
            words.u32[at] = this.engine.failures.numberOf(word.what);
            break;
          case "run":
            words.u32[at] = run;
            break;
          case "bits":
            words.u32[at] = word.bits;
            break;
        }
      });
      start += Math.max(1, Math.ceil(wanted.length / stride)) * stride;
    }
    return words.u32.slice() as Uint32Array<ArrayBuffer>;
  }

  private submit(parameters: Uint32Array<ArrayBuffer>): void {
    const { engine } = this;
    const { device } = engine;
    const { list } = this.dispatches;
    if (list.length === 0) return;
    device.queue.writeBuffer(this.parameters, 0, parameters);
    const encoder = device.createCommandEncoder({ label: "downhill: step" });
    const timer = engine.profiler?.begin(this.dispatches) ?? null;
    let pass = encoder.beginComputePass({ label: "downhill: step", ...timer?.pass(0) });
    const group = this.group();
    let start = 0;
    for (let i = 0; i < list.length; i++) {
      const { workgroups, words } = list[i]!;
      if (timer !== null && i > 0) {
        // Only whole passes are timed.
        pass.end();
        pass = encoder.beginComputePass({ label: "downhill: step", ...timer.pass(i) });
      }
      pass.setPipeline(this.pipelines[i]!.ready!);
      pass.setBindGroup(0, group, [4 * start]);
      pass.dispatchWorkgroups(...workgroups);
      start += Math.max(1, Math.ceil(words.length / stride)) * stride;
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
          { binding: 1, resource: { buffer: this.parameters, size: this.window } },
          { binding: 2, resource: { buffer: engine.failures.buffer } },
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
      hostKernels: [],
      compileMs: this.compileMs,
      arenaBytes: scratch,
      lowerBound,
      scratchBytes: arenaBytes - scratch,
    };
  }

  release(): void {
    this.engine.commands.push(() => this.parameters.destroy());
  }
}

function writtenBy(kernel: Kernel): number[] {
  if (kernel.kind === "loop") return [...kernel.body, ...kernel.tail].map((store) => store.place.value);
  return [kernel.kind === "matmul" ? kernel.out : kernel.node];
}
