import type { Buffer, Description, Executable } from "../backend/backend.js";
import type { Program, ProgramNode } from "../program/program.js";
import { recurringOf } from "../program/recurring.js";
import { interpreted, ReferenceBackend } from "../reference/interpreter.js";
import { sizeOf } from "../shape.js";
import { isFloat, type TypedArray } from "../dtype.js";
import { CompiledProgram } from "./compiled-program.js";
import type { WasmEngine } from "./engine.js";
import { HostBuffer, hostBuffer } from "./host-buffer.js";
import { maxUlps } from "./maths/bounds.js";
import { doubleFunctions } from "./maths/double-functions.js";

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
    if (node.op === "recur") {
      const { steps, body } = recurringOf(node);
      cost += steps * interpreting(body.nodes);
    }
    const depth = node.op === "matmul" ? nodes[node.srcs[0]!]!.shape.at(-1)! : 0;
    const read = node.srcs.length > 0 ? sizeOf(nodes[node.srcs[0]!]!.shape) : 0;
    cost += perElement * Math.max(sizeOf(node.shape), read) + perProduct * depth * sizeOf(node.shape);
  }
  return cost;
}

/** Programs of more Nodes are interpreted the first time whatever they compute: compiling one takes a while. */
const large = 400;

/** Functions that are polynomials in compiled code and Math's own when interpreted: the last bit may differ. */
const approximate: Readonly<Record<"float32" | "float64", ReadonlySet<string>>> = {
  float32: new Set(Object.keys(maxUlps)),
  float64: new Set(Object.keys(doubleFunctions)),
};

/** Whether interpreted and compiled code give the same bits: all but such functions, and sums of floats in any order. */
function isExact({ op, dtype }: ProgramNode): boolean {
  if (!isFloat(dtype)) return true;
  if (op === "sum" || op === "prod" || op === "matmul" || op === "cumsum" || op === "cumprod" || op === "recur")
    return false;
  return !approximate[dtype === "float64" ? dtype : "float32"].has(op);
}

/**
 * A Program that is interpreted the first time, where compiling would take longer than that, and compiled when it comes
 * again: most Programs that run once (initial values, a plot, a print) are small. So that a value computed twice is the
 * same to the last bit, only Programs that give the same bits either way are interpreted, but for very large ones.
 */
export class TieredProgram implements Executable {
  private readonly engine: WasmEngine;
  private readonly program: Program;
  /** Dropped once it has run. */
  private interpreter: Executable | null;
  private compiled: CompiledProgram | null = null;

  constructor(engine: WasmEngine, program: Program) {
    this.engine = engine;
    this.program = program;
    const { nodes } = program;
    const cheaper = interpreting(nodes) < perProgram + perNode * nodes.length;
    const same = nodes.length > large || nodes.every((node) => isExact(node));
    this.interpreter = cheaper && same ? new ReferenceBackend().compile(program) : null;
  }

  /** The compiled form; null as long as the Program is interpreted. */
  get executable(): CompiledProgram | null {
    return this.compiled;
  }

  describe(): Description {
    return this.compiled?.describe() ?? interpreted;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    if (this.compiled !== null && this.compiled.generation === this.engine.generation)
      return this.compiled.run(inputs, scalars);
    const { interpreter } = this;
    if (interpreter !== null) {
      this.interpreter = null;
      return this.interpret(interpreter, inputs, scalars);
    }
    this.compiled?.release();
    this.compiled = null;
    this.compiled = new CompiledProgram(this.engine, this.program);
    return this.compiled.run(inputs, scalars);
  }

  private interpret(interpreter: Executable, inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { outputs, nodes } = this.program;
    const arrays = inputs.map((input) => {
      const { array, address, dtype, length } = hostBuffer(input);
      return array ?? this.engine.heap.view(dtype, address, length);
    });
    const results = interpreter.run(arrays, scalars) as TypedArray[];
    return outputs.map(({ node, overwrites }, k) => {
      if (overwrites >= 0) return inputs[overwrites]!;
      const { dtype, shape } = nodes[node]!;
      return new HostBuffer(dtype, sizeOf(shape), results[k]);
    });
  }

  release(): void {
    this.compiled?.release();
  }
}
