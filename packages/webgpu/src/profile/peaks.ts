import { usage } from "../device/usage.js";
import { stopwatch } from "./stopwatch.js";

/** What a device can do at best. */
export interface Peaks {
  /** Bytes read and written a second. */
  readonly bandwidth: number;
  /** Additions and multiplications of float32 a second. */
  readonly operations: number;
}

const copy = `@group(0) @binding(0) var<storage, read_write> to: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> source: array<vec4<u32>>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) i: vec3<u32>) { to[i.x] = source[i.x]; }
`;

/** Multiply-adds of a thread: eight chains of four lanes, so that none waits for its last result. */
const rounds = 256;
const multiplyAdds = 8 * 4 * rounds;

const chains = Array.from({ length: 8 }, (_, k) => k);
const multiply = `@group(0) @binding(0) var<storage, read_write> to: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> source: array<vec4<f32>>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) i: vec3<u32>) {
  let x = source[i.x];
${chains.map((k) => `  var c${k} = x + ${k}.0;`).join("\n")}
  for (var k = 0; k < ${rounds}; k++) {
${chains.map((k) => `    c${k} = fma(c${k}, x, x);`).join("\n")}
  }
  to[i.x] = ${chains.map((k) => `c${k}`).join(" + ")};
}
`;

/** Threads of a dispatch, each of which works on 16 bytes. */
const threads = 2 ** 20;

/** Measures what a device can do at best, in about a second. */
export async function measurePeaks(device: GPUDevice): Promise<Peaks> {
  const size = 16 * threads;
  const [to, from] = [0, 1].map(() => device.createBuffer({ label: "downhill: peaks", size, usage: usage.storage }));
  const perSecond = async (code: string): Promise<number> => {
    const module = device.createShaderModule({ label: "downhill: peaks", code });
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
    const entries = [to!, from!].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const milliseconds = await stopwatch(device, 50, (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(threads / 256);
    });
    return (1000 * threads) / milliseconds;
  };
  const peaks = { bandwidth: 32 * (await perSecond(copy)), operations: 2 * multiplyAdds * (await perSecond(multiply)) };
  to!.destroy();
  from!.destroy();
  return peaks;
}
