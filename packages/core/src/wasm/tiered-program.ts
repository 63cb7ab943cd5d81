import type { Buffer, Description, Executable } from "../backend/backend.js";
import type { Program, ProgramNode } from "../program/program.js";
import { interpreted, ReferenceBackend } from "../reference/interpreter.js";
import { sizeOf } from "../shape.js";
import { CompiledProgram } from "./compiled-program.js";
import type { WasmEngine } from "./engine.js";
import { HostBuffer } from "./host-buffer.js";

/** What interpreting costs, in nanoseconds: of one element of a result, and of one multiplication of a matrix product. */
const perElement = 8;
const perProduct = 1;
/** What compiling a Node costs, in nanoseconds, and a Program of none. */
const perNode = 50_000;
const perProgram = 200_000;

function interpreting(nodes: readonly ProgramNode[]): number {
  let cost = 0;
  for (const node of nodes) {
    if (node.op === "buffer" || node.op === "scalar") continue;
    const depth = node.op === "matmul" ? nodes[node.srcs[0]!]!.shape.at(-1)! : 0;
    const read = node.srcs.length > 0 ? sizeOf(nodes[node.srcs[0]!]!.shape) : 0;
    cost += perElement * Math.max(sizeOf(node.shape), read) + perProduct * depth * sizeOf(node.shape);
  }
  return cost;
}

/**
 * A Program that is interpreted the first time, where compiling would take longer than that, and compiled when it comes
 * again: most Programs that run once (initial values, a plot, a print) are small.
 */
export class TieredProgram implements Executable {
  private readonly engine: WasmEngine;
  private readonly program: Program;
  private readonly interpreter: Executable | null;
  private fresh = true;
  private compiled: CompiledProgram | null = null;

  constructor(engine: WasmEngine, program: Program) {
    this.engine = engine;
    this.program = program;
    const once = interpreting(program.nodes) < perProgram + perNode * program.nodes.length;
    this.interpreter = once ? new ReferenceBackend().compile(program) : null;
  }

  /** The compiled form; null as long as the Program is interpreted. */
  get executable(): CompiledProgram | null {
    return this.compiled;
  }

  describe(): Description {
    return this.compiled?.describe() ?? interpreted;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    if (this.compiled !== null) return this.compiled.run(inputs, scalars);
    if (this.interpreter !== null && this.fresh) {
      this.fresh = false;
      return this.interpret(this.interpreter, inputs, scalars);
    }
    this.compiled = new CompiledProgram(this.engine, this.program);
    return this.compiled.run(inputs, scalars);
  }

  private interpret(interpreter: Executable, inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { outputs, nodes } = this.program;
    const arrays = inputs.map((input) => {
      const { array, address, dtype, length } = input as HostBuffer;
      return array ?? this.engine.heap.view(dtype, address, length);
    });
    const results = interpreter.run(arrays, scalars);
    return outputs.map(({ node, overwrites }, k) => {
      if (overwrites >= 0) return inputs[overwrites]!;
      const { dtype, shape } = nodes[node]!;
      return new HostBuffer(dtype, sizeOf(shape), results[k] as InstanceType<typeof Float32Array>);
    });
  }

  release(): void {
    this.compiled?.release();
  }
}
