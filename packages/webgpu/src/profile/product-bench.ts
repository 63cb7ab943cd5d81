import type { MatmulKernel } from "@downhill/core/compiler";
import { itemSize } from "@downhill/core/engine";
import type { Engine } from "../device/engine.js";
import { usage } from "../device/usage.js";
import { writeMatmul } from "../kernels/matmul-kernel.js";
import { productShape } from "../kernels/matmul-shape.js";
import type { Choice } from "../kernels/matmul-variants.js";
import { rounded } from "../memory/gpu-heap.js";
import { stopwatch } from "./stopwatch.js";

/** Milliseconds that a way to compute a product is measured for. */
const least = 10;

/** The bytes from an operand's first element to its last. */
function extent({ loops, dtype }: MatmulKernel, { at }: MatmulKernel["a"]): { before: number; bytes: number } {
  const ends = loops.map((size, i) => (size - 1) * at.strides[i]!);
  const before = ends.reduce((sum, end) => sum + Math.max(0, -end), 0);
  const behind = ends.reduce((sum, end) => sum + Math.max(0, end), 0);
  return { before: before - at.offset, bytes: (before + behind + 1) * itemSize[dtype] };
}

/** Milliseconds that a product takes, computed in one way, on memory of its own. */
export async function timeProduct(engine: Engine, kernel: MatmulKernel, choice: Choice): Promise<number> {
  const { device, pipelines, failures } = engine;
  const { a, b, out, dtype } = kernel;
  const shape = productShape(kernel);
  const around = {
    dtypeOf: () => dtype,
    lengthOf: () => shape.batch * shape.rows * shape.columns,
    overwrites: () => false,
    limits: device.limits,
    subgroupSize: 0,
    roundsHalves: false,
    chooseMatmul: () => choice,
  };
  const { dispatches, scratchBytes } = writeMatmul(kernel, around, "downhill: tune", { tail: null, isStored: true });
  const compiled = dispatches.map(({ code, label }) => pipelines.get(code, label));
  await Promise.all(compiled.map((pipeline) => pipeline.compiled));
  let size = 0;
  const room = (bytes: number): number => {
    const address = size;
    size += rounded(bytes);
    return address;
  };
  const addresses = new Map<number, number>();
  for (const place of [a, b]) {
    const { before, bytes } = extent(kernel, place);
    addresses.set(place.value, room(bytes) / 4 + before);
  }
  addresses.set(out, room(shape.batch * shape.rows * shape.columns * itemSize[dtype]) / 4);
  const scratch = room(scratchBytes) / 4;
  const memory = device.createBuffer({ label: "downhill: tune", size, usage: usage.storage | usage.copyDst });
  const windows = dispatches.map(({ words }) => Math.max(256, Math.ceil(words.length / 64) * 256));
  const window = Math.max(...windows);
  const parameters = device.createBuffer({
    label: "downhill: tune",
    size: windows.reduce((sum, bytes) => sum + bytes, window),
    usage: usage.uniform | usage.copyDst,
  });
  const table = device.createBuffer({
    label: "downhill: tune",
    size: 256,
    usage: usage.storage | usage.copyDst,
  });
  let start = 0;
  const looked: number[] = [];
  const offsets = dispatches.map(({ words }, i) => {
    const filled = words.map((word) => {
      if (word.kind === "address") return looked.push(addresses.get(word.value)!) - 1;
      return word.kind === "scratch" ? looked.push(scratch) - 1 : 0;
    });
    device.queue.writeBuffer(parameters, start, new Int32Array(filled));
    start += windows[i]!;
    return [start - windows[i]!];
  });
  device.queue.writeBuffer(table, 0, new Int32Array(looked));
  const group = device.createBindGroup({
    layout: pipelines.bindGroupLayout,
    entries: [
      { binding: 0, resource: { buffer: memory } },
      { binding: 1, resource: { buffer: parameters, size: window } },
      { binding: 2, resource: { buffer: failures.buffer } },
      { binding: 3, resource: { buffer: table } },
    ],
  });
  const milliseconds = await stopwatch(device, least, (pass) => {
    dispatches.forEach(({ workgroups }, i) => {
      pass.setPipeline(compiled[i]!.ready!);
      pass.setBindGroup(0, group, offsets[i]);
      pass.dispatchWorkgroups(...workgroups);
    });
  });
  memory.destroy();
  parameters.destroy();
  table.destroy();
  return milliseconds;
}
