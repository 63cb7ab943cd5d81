import { writtenBy } from "../program/lifetimes.js";
import type { Description, Executable } from "../backend/backend.js";
import type { Device } from "../backend/device.js";
import { type DType, itemSize } from "../dtype.js";
import type { Source } from "../kernel/expression-builder.js";
import type { Kernel, Loop } from "../kernel/kernel.js";
import { type Work, workOfLoops, workOfMatmul, workOfNode } from "../kernel/work.js";
import { originOf } from "../program/cache.js";
import type { Program, ProgramNode } from "../program/program.js";
import { recurringOf } from "../program/recurring.js";
import { placesRead, type Schedule } from "../program/schedule.js";
import { type Shape, sizeOf } from "../shape.js";

/** A value that a Kernel reads or writes. */
export interface ExplainedValue {
  /** `in1`, `in2`, … are the Program's inputs, `out1`, … what it returns, `t1`, … what it keeps for itself. */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Bytes of the elements that are read or written. */
  readonly bytes: number;
  /** It is written into the memory of an input. */
  readonly inPlace: boolean;
}

/** A Kernel, as `explain` shows it. */
export interface ExplainedKernel {
  /**
   * A loop nest, a matrix product, the tail that works on its elements as it is made, one Node by itself, or a recurrence,
   * which runs other kernels turn by turn.
   */
  readonly kind: "loop" | "matmul" | "tail" | "node" | "recurrence";
  /** Run by the interpreter. */
  readonly interpreted: boolean;
  /** The sizes of its loops, in order; the turns of those that reduce are combined into one result. */
  readonly loops: readonly Loop[];
  /** The ops that fused into it, each after those that it needs. */
  readonly ops: readonly string[];
  /** Arithmetic operations: one for each element of each op, two for each product of a matmul. */
  readonly operations: number;
  readonly reads: readonly ExplainedValue[];
  readonly writes: readonly ExplainedValue[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of a recurrence: how many turns it has, and the kernels of each; `in1`, … are what a turn reads. */
  readonly turns?: number;
  readonly inside?: readonly ExplainedKernel[];
}

/** A Program, as `explain` shows it. */
export interface ExplainedProgram {
  readonly device: string;
  /** Ops recorded. */
  readonly nodes: number;
  /** It was not in the cache before. */
  readonly isNew: boolean;
  /** How often it ran, and how many of those runs a compiled function replayed without recording. */
  readonly runs: number;
  readonly replays: number;
  /** How it ran last. A small Program is interpreted the first time, and compiled when it comes again. */
  readonly tier: "compiled" | "interpreted";
  /** What scheduling and compiling took; 0 for what is interpreted. */
  readonly compileMs: number;
  /** Bytes for intermediates, and the most of them that are needed at one time. */
  readonly arenaBytes: number;
  readonly lowerBound: number;
  /** Working memory for matrix products. */
  readonly scratchBytes: number;
  readonly inputs: readonly ExplainedValue[];
  /** What it returns; those in place are inputs that it updates. */
  readonly outputs: readonly ExplainedValue[];
  /** Numbers that are passed at run time. */
  readonly numbers: number;
  /** In the order they run. */
  readonly kernels: readonly ExplainedKernel[];
  /** Of all Kernels, in one run. */
  readonly operations: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** A Program that ran, and how often. */
export interface Runs {
  readonly device: Device;
  readonly isNew: boolean;
  runs: number;
  replays: number;
}

const unknown: Description = {
  tier: "compiled",
  schedule: null,
  hostKernels: [],
  compileMs: 0,
  arenaBytes: 0,
  lowerBound: 0,
  scratchBytes: 0,
};

const isLeaf = ({ op }: ProgramNode): boolean => op === "buffer" || op === "scalar";

/** Each Node as a Kernel, in the order they were recorded: how an interpreter runs a Program. */
const oneByOne = (program: Program): Schedule => ({
  program,
  kernels: program.nodes.flatMap((node, place): Kernel[] => (isLeaf(node) ? [] : [{ kind: "node", node: place }])),
  inPlace: new Map(),
  copied: new Map(program.outputs.flatMap(({ node, overwrites }) => (overwrites < 0 ? [] : [[node, overwrites]]))),
});

/** Tells all about a Program that ran. */
export function explainProgram(executable: Executable, runs: Runs): ExplainedProgram {
  const recorded = originOf(executable).program;
  const described = executable.describe?.() ?? unknown;
  const { tier, compileMs, arenaBytes, lowerBound, scratchBytes } = described;
  const schedule = described.schedule ?? oneByOne(recorded);
  const { program } = schedule;
  const values = new Values(schedule);
  const kernels = schedule.kernels.map((kernel, k) =>
    explainKernel(kernel, values, tier === "interpreted" || described.hostKernels.includes(k), described.bodies),
  );
  const sum = (of: (kernel: ExplainedKernel) => number): number => kernels.reduce((all, kernel) => all + of(kernel), 0);
  return {
    device: runs.device.name,
    nodes: recorded.nodes.filter((node) => !isLeaf(node)).length,
    isNew: runs.isNew,
    runs: runs.runs,
    replays: runs.replays,
    tier,
    compileMs,
    arenaBytes,
    lowerBound,
    scratchBytes,
    inputs: program.inputs.map((node) => values.of(node)),
    outputs: program.outputs.map(({ node }) => values.of(node)),
    numbers: recorded.scalars.length,
    kernels,
    operations: sum((kernel) => kernel.operations),
    bytesRead: sum((kernel) => kernel.bytesRead),
    bytesWritten: sum((kernel) => kernel.bytesWritten),
  };
}

/** Names a Program's values. */
class Values implements Source {
  readonly nodes: readonly ProgramNode[];
  private readonly stored: ReadonlySet<number>;
  private readonly names = new Map<number, string>();
  private readonly updates = new Set<number>();
  private temporaries = 0;

  constructor({ program, kernels, inPlace, copied }: Schedule) {
    this.nodes = program.nodes;
    this.stored = new Set([...program.inputs, ...kernels.flatMap(writtenBy)]);
    program.inputs.forEach((node, k) => this.names.set(node, `in${k + 1}`));
    let returned = 0;
    for (const { node, overwrites } of program.outputs) {
      if (overwrites >= 0) {
        if (!copied.has(node) || inPlace.has(node)) this.updates.add(node);
        this.names.set(node, `in${overwrites + 1}`);
      } else this.names.set(node, `out${++returned}`);
    }
  }

  isStored(node: number): boolean {
    return this.stored.has(node);
  }

  of(node: number, bytes?: number): ExplainedValue {
    const { shape, dtype } = this.nodes[node]!;
    let name = this.names.get(node);
    if (name === undefined) this.names.set(node, (name = `t${++this.temporaries}`));
    return { name, shape, dtype, bytes: bytes ?? sizeOf(shape) * itemSize[dtype], inPlace: this.updates.has(node) };
  }
}

/** The Nodes' loops: dims but those of size 1; of a reduction, those of its source. */
function loopsOfNode(nodes: readonly ProgramNode[], { op, shape, srcs, attrs }: ProgramNode): Loop[] {
  const whole = (sizes: Shape): Loop[] => sizes.map((size) => ({ size, reduces: false }));
  let loops = whole(shape);
  if (op === "matmul") loops = [...loops, { size: nodes[srcs[0]!]!.shape.at(-1)!, reduces: true }];
  else if (reducing.has(op))
    loops = nodes[srcs[0]!]!.shape.map((size, dim) => ({ size, reduces: attrs.slice(1).includes(dim) }));
  return loops.filter(({ size }) => size !== 1);
}

const reducing: ReadonlySet<string> = new Set(["sum", "prod", "max", "min", "argmax", "argmin"]);

function loopsOf(kernel: Kernel, nodes: readonly ProgramNode[]): readonly Loop[] {
  if (kernel.kind === "loop") return kernel.loops;
  if (kernel.kind === "node") return loopsOfNode(nodes, nodes[kernel.node]!);
  const { loops, depth } = kernel;
  return loops
    .map((size, i) => ({ size, reduces: i >= loops.length - depth }))
    .filter(({ size, reduces }) => size !== 1 || reduces);
}

function explainKernel(
  kernel: Kernel,
  values: Values,
  interpreted: boolean,
  bodies: Description["bodies"],
): ExplainedKernel {
  const { nodes } = values;
  let work: Work;
  if (kernel.kind === "loop") work = workOfLoops(kernel, nodes);
  else if (kernel.kind === "matmul") work = workOfMatmul(kernel, nodes);
  else {
    const srcs = placesRead(kernel, values).map(({ value }) => value);
    work = workOfNode(kernel.node, srcs, nodes);
  }
  const reads = [...work.reads].map(([value, bytes]) => values.of(value, bytes));
  const writes = [...work.writes].map(([value, bytes]) => values.of(value, bytes));
  const total = (list: readonly ExplainedValue[]): number => list.reduce((all, { bytes }) => all + bytes, 0);
  const inside = kernel.kind === "node" ? turnOf(kernel.node, values, interpreted, bodies) : null;
  const kind = kernel.kind === "loop" && kernel.isTail ? "tail" : kernel.kind;
  return {
    kind: inside === null ? kind : "recurrence",
    ...inside,
    interpreted,
    loops: loopsOf(kernel, nodes),
    ops: work.ops,
    operations: work.operations,
    reads,
    writes,
    bytesRead: total(reads),
    bytesWritten: total(writes),
  };
}

/** How often a recurrence runs its body, and the Kernels of that; null for other Nodes. */
function turnOf(
  place: number,
  { nodes }: Values,
  interpreted: boolean,
  bodies: Description["bodies"],
): Required<Pick<ExplainedKernel, "turns" | "inside">> | null {
  if (nodes[place]!.op !== "recur") return null;
  const { steps, body } = recurringOf(nodes[place]!);
  const schedule = bodies?.get(place) ?? oneByOne(body);
  const values = new Values(schedule);
  const inside = schedule.kernels.map((kernel) => explainKernel(kernel, values, interpreted, undefined));
  return { turns: steps, inside };
}
