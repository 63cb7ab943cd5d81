import type { Backend, Buffer, Executable } from "../backend/backend.js";
import { type DType, dtypes, hostArray, type TypedArray } from "../dtype.js";
import { DTypeError } from "../errors.js";
import type { Program } from "../program/program.js";
import type { PrimitiveName } from "../program/vocabulary.js";
import { sizeOf } from "../shape.js";
import { elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import type { Handler, Run } from "./kernel.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { reduction, scans } from "./reduction.js";

/** What each primitive computes: the specification that every backend is held against. */
const handlers: Record<PrimitiveName, Handler> = { ...elementwise, ...movement, ...reduction, ...scans, ...indexing, matmul };

/** Intermediates up to this many bytes stay with their Program for the next run; larger ones are made anew. */
const keptBytes = 2 ** 20;

/** One op of a Program with the arrays it works on. */
interface Step {
  readonly run: Run;
  readonly place: number;
  readonly srcs: readonly number[];
  /** The arrays of `srcs`, filled in before each run. */
  readonly arrays: TypedArray[];
}

/** A Program made ready to be executed node by node, in order. Slow, simple, and right: the oracle. */
class Interpreted implements Executable {
  private readonly program: Program;
  private readonly steps: readonly Step[];
  private readonly values: TypedArray[];
  /** Places whose arrays are made anew in each run: returned values, and intermediates too large to keep. */
  private readonly fresh: readonly number[];
  private readonly large: readonly number[];

  constructor(program: Program) {
    this.program = program;
    const { nodes } = program;
    this.steps = nodes.flatMap((node, place) => {
      if (node.op === "buffer" || node.op === "scalar") return [];
      const run = handlers[node.op](node, node.srcs.map((src) => nodes[src]!), program);
      return [{ run, place, srcs: node.srcs, arrays: [] }];
    });
    const inputs = new Set(program.inputs);
    const fresh = new Set(program.outputs.filter((output) => output.overwrites < 0).map((output) => output.node));
    let bytes = 0;
    const large: number[] = [];
    this.values = nodes.map((node, place) => {
      if (inputs.has(place) || fresh.has(place)) return new Uint8Array(0);
      const array = hostArray(node.dtype, sizeOf(node.shape));
      bytes += array.byteLength;
      if (bytes <= keptBytes) return array;
      large.push(place);
      return new Uint8Array(0);
    });
    this.fresh = [...fresh];
    this.large = large;
  }

  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[] {
    const { program, values } = this;
    for (let k = 0; k < inputs.length; k++) values[program.inputs[k]!] = inputs[k] as TypedArray;
    for (let k = 0; k < scalars.length; k++) values[program.scalars[k]!]![0] = scalars[k]!;
    for (const place of this.fresh) values[place] = this.make(place);
    for (const place of this.large) values[place] = this.make(place);
    for (const { run, place, srcs, arrays } of this.steps) {
      for (let k = 0; k < srcs.length; k++) arrays[k] = values[srcs[k]!]!;
      run(values[place]!, arrays);
    }
    // Nothing can fail any more: write the updates.
    const results = program.outputs.map(({ node, overwrites }): Buffer => {
      if (overwrites < 0) return values[node]!;
      const target = inputs[overwrites] as TypedArray;
      target.set(values[node]!);
      return target;
    });
    this.forget();
    return results;
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
    for (const place of this.large) values[place] = nothing;
    for (const step of this.steps) step.arrays.fill(nothing);
  }
}

const nothing = new Uint8Array(0);

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

  release(): void {
    // The garbage collector does.
  }

  write(buffer: Buffer, data: TypedArray): void {
    const target = buffer as TypedArray;
    if (target.constructor !== data.constructor) throw new DTypeError(`write: ${data.constructor.name} into ${target.constructor.name}`);
    target.set(data);
  }

  read(buffer: Buffer): TypedArray {
    return (buffer as TypedArray).slice();
  }

  compile(program: Program): Executable {
    return new Interpreted(program);
  }
}
