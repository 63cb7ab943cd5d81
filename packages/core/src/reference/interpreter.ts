import type { Backend, Buffer, Description, Executable } from "../backend/backend.js";
import { type DType, dtypes, hostArray, itemSize, type TypedArray } from "../dtype.js";
import { DTypeError } from "../errors.js";
import { roundToHalf } from "../half.js";
import type { Program } from "../program/program.js";
import { recurSupport } from "../program/recurring.js";
import type { PrimitiveName } from "../program/vocabulary.js";
import { sizeOf } from "../shape.js";
import { elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import type { Handler, Run } from "./kernel.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { uniform } from "./philox.js";
import { reduction, scans } from "./reduction.js";

/** What each primitive computes: the specification that every backend is held against. */
export const handlers: Record<PrimitiveName, Handler> = {
  ...elementwise,
  ...movement,
  ...reduction,
  ...scans,
  ...indexing,
  matmul,
  uniform,
  recur: (...given) => recurSupport().interpret(...given),
};

/** Intermediates up to this many bytes stay with their Program for the next run; larger ones are made anew. */
const keptBytes = 2 ** 20;

/** One op of a Program with the arrays it works on. */
interface Step {
  readonly run: Run;
  /** Places of the result and of what it is computed from. */
  readonly place: number;
  readonly arrays: TypedArray[];
}

/** An entry of a step's `arrays` that changes from run to run. */
interface Reference {
  readonly arrays: TypedArray[];
  readonly index: number;
  readonly place: number;
}

/** How an interpreter runs any Program. */
export const interpreted: Description = {
  tier: "interpreted",
  schedule: null,
  hostKernels: [],
  compileMs: 0,
  arenaBytes: 0,
  lowerBound: 0,
  scratchBytes: 0,
};

const nothing = new Uint8Array(0);

/** A Program made ready to be executed node by node, in order. Slow, simple, and right: the oracle. */
class Interpreted implements Executable {
  private readonly program: Program;
  private readonly steps: readonly Step[];
  /** The array of each place; those of inputs, results and large intermediates only during a run. */
  private readonly values: TypedArray[];
  /** Places whose arrays are made anew in each run: returned values, and intermediates too large to keep. */
  private readonly fresh: readonly number[];
  private readonly references: readonly Reference[];

  constructor(program: Program) {
    this.program = program;
    const { nodes } = program;
    const changing = new Set([
      ...program.inputs,
      ...program.outputs.filter(({ overwrites }) => overwrites < 0).map(({ node }) => node),
    ]);
    let bytes = 0;
    this.values = nodes.map((node, place) => {
      bytes += changing.has(place) ? 0 : sizeOf(node.shape) * itemSize[node.dtype];
      // A run-time number is written before the run: its array must be there already.
      if (bytes > keptBytes && node.op !== "scalar") changing.add(place);
      return changing.has(place) ? nothing : hostArray(node.dtype, sizeOf(node.shape));
    });
    this.fresh = [...changing].filter((place) => nodes[place]!.op !== "buffer");
    const references: Reference[] = [];
    this.steps = nodes.flatMap((node, place) => {
      if (node.op === "buffer" || node.op === "scalar") return [];
      const handle = handlers[node.op](
        node,
        node.srcs.map((src) => nodes[src]!),
        program,
      );
      const run: Run =
        node.dtype !== "float16"
          ? handle
          : (out, srcs) => {
              handle(out, srcs);
              roundToHalf(out as Float32Array);
            };
      const arrays = node.srcs.map((src) => this.values[src]!);
      node.srcs.forEach((src, index) => {
        if (changing.has(src)) references.push({ arrays, index, place: src });
      });
      return [{ run, place, arrays }];
    });
    this.references = references;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { program, values, steps, references } = this;
    for (let k = 0; k < inputs.length; k++) values[program.inputs[k]!] = inputs[k] as TypedArray;
    for (let k = 0; k < scalars.length; k++) values[program.scalars[k]!]![0] = scalars[k]!;
    for (const place of this.fresh) values[place] = this.make(place);
    for (const { arrays, index, place } of references) arrays[index] = values[place]!;
    try {
      for (const { run, place, arrays } of steps) run(values[place]!, arrays);
      // Nothing can fail any more: write the updates.
      const results = new Array<Buffer>(program.outputs.length);
      for (let k = 0; k < results.length; k++) {
        const { node, overwrites } = program.outputs[k]!;
        if (overwrites < 0) results[k] = values[node]!;
        else {
          const target = inputs[overwrites] as TypedArray;
          target.set(values[node]!);
          results[k] = target;
        }
      }
      return results;
    } finally {
      this.forget();
    }
  }

  describe(): Description {
    return interpreted;
  }

  private make(place: number): TypedArray {
    const node = this.program.nodes[place]!;
    return hostArray(node.dtype, sizeOf(node.shape));
  }

  /** Lets go of what is not kept, so that a Program in the cache holds no user's data alive. */
  private forget(): void {
    const { values } = this;
    for (const place of this.program.inputs) values[place] = nothing;
    for (const place of this.fresh) values[place] = nothing;
    for (const { arrays, index } of this.references) arrays[index] = nothing;
  }
}

/** A Backend that interprets Programs on the host, in the order they were recorded. */
export class ReferenceBackend implements Backend {
  readonly name: string;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);

  constructor(name = "reference") {
    this.name = name;
  }

  allocate(dtype: DType, length: number): TypedArray {
    return hostArray(dtype, length);
  }

  /** Gives memory back. */
  release(): void {
    // The garbage collector does.
  }

  write(buffer: Buffer, data: TypedArray): void {
    const target = buffer as TypedArray;
    if (target.constructor !== data.constructor)
      throw new DTypeError(`write: ${data.constructor.name} into ${target.constructor.name}`);
    target.set(data);
  }

  read(buffer: Buffer): TypedArray {
    return (buffer as TypedArray).slice();
  }

  /** Makes a Program ready to be interpreted. */
  compile(program: Program): Executable {
    return new Interpreted(program);
  }
}
