import type { DType } from "@downhill/core";
import { type MatmulKernel, mayFail, recurringOf, schedule, type Source, writtenBy } from "@downhill/core/compiler";
import { type MemoryNeeds, type Program, itemSize, sizeOf } from "@downhill/core/engine";
import type { Tuning } from "../device/tuning.js";
import { rounded } from "../memory/gpu-heap.js";
import type { Choice } from "../kernels/matmul-variants.js";
import { type BodyPlan, writeDispatches } from "./dispatches.js";
import { layOut } from "./layout.js";
import { packHalves } from "./pack-halves.js";

/** A Program's shaders, and where everything is that they work on. */
export interface ProgramPlan extends BodyPlan {
  /** What its recurrences repeat, by their Nodes. */
  readonly bodies: ReadonlyMap<number, BodyPlan>;
  /** Whether an index may be out of range, or a divisor 0. */
  readonly mayFail: boolean;
}

/** What a plan asks of a device. */
export interface Planning {
  readonly device: Pick<GPUDevice, "limits" | "features" | "adapterInfo">;
  readonly tuning: Tuning;
}

/** Schedules a Program and writes its shaders; makes nothing on the device. */
export function planProgram(planning: Planning, recorded: Program): ProgramPlan {
  const { device, tuning } = planning;
  const scheduled = schedule(packHalves(recorded), true, true);
  const { program, kernels, inPlace } = scheduled;
  const { nodes } = program;
  const written = new Set(kernels.flatMap(writtenBy));
  const source: Source = { nodes, isStored: (node) => nodes[node]!.op === "buffer" || written.has(node) };
  const bodies = new Map<number, BodyPlan>();
  for (const kernel of kernels) {
    if (kernel.kind !== "node" || nodes[kernel.node]!.op !== "recur") continue;
    bodies.set(kernel.node, planProgram(planning, recurringOf(nodes[kernel.node]!).body));
  }
  const around = {
    dtypeOf: (value: number): DType => nodes[value]!.dtype,
    lengthOf: (value: number): number => sizeOf(nodes[value]!.shape),
    overwrites: (value: number): boolean => inPlace.has(value),
    limits: device.limits,
    subgroupSize: subgroupSize(device),
    roundsHalves: device.features.has("shader-f16"),
    chooseMatmul: (kernel: MatmulKernel): Choice => tuning.choose(kernel),
  };
  const dispatches = writeDispatches(scheduled, source, around, bodies);
  return {
    bodies,
    schedule: scheduled,
    dispatches,
    layout: layOut(scheduled, source, dispatches.scratchBytes),
    mayFail: nodes.some(mayFail),
  };
}

/** A workgroup of one dimension is cut into subgroups in order: neighbours are in one if the smallest holds them. */
function subgroupSize({ features, adapterInfo }: Planning["device"]): number {
  return features.has("subgroups") ? adapterInfo.subgroupMinSize : 0;
}

/** What a planned Program takes of the device's memory. */
export function needsOf({ schedule: { program }, layout }: ProgramPlan): MemoryNeeds {
  const bytesOf = (node: number): number => {
    const { shape, dtype } = program.nodes[node]!;
    return rounded(sizeOf(shape) * itemSize[dtype]);
  };
  return {
    arena: layout.arenaBytes === 0 ? 0 : rounded(layout.arenaBytes),
    inputs: program.inputs.map(bytesOf),
    outputs: program.outputs.map(({ node, overwrites }) => (overwrites < 0 ? bytesOf(node) : 0)),
  };
}
