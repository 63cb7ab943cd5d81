import { DeviceError } from "@downhill/core";
import { defect } from "../errors.js";

/** A compute pipeline, at once or once it is compiled. */
export interface Pipeline {
  readonly label: string;
  readonly code: string;
  /** Null until it is compiled. */
  ready: GPUComputePipeline | null;
  readonly compiled: Promise<unknown>;
}

/**
 * The pipelines of a device, one for each text of WGSL: Kernels that differ in nothing but the memory they work on share
 * one. All have one layout: the device's memory, the parameters of a dispatch, the record of what
 * failed, and the Program's table.
 */
export class Pipelines {
  readonly bindGroupLayout: GPUBindGroupLayout;
  private readonly device: GPUDevice;
  private readonly layout: GPUPipelineLayout;
  private readonly known = new Map<string, Pipeline>();
  /** Pipelines made so far. */
  created = 0;

  constructor(device: GPUDevice) {
    this.device = device;
    this.bindGroupLayout = device.createBindGroupLayout({
      label: "downhill",
      entries: [
        { binding: 0, visibility: computeStage, buffer: { type: "storage" } },
        { binding: 1, visibility: computeStage, buffer: { type: "uniform", hasDynamicOffset: true } },
        { binding: 2, visibility: computeStage, buffer: { type: "storage" } },
        { binding: 3, visibility: computeStage, buffer: { type: "read-only-storage" } },
      ],
    });
    this.layout = device.createPipelineLayout({ label: "downhill", bindGroupLayouts: [this.bindGroupLayout] });
  }

  get(code: string, label: string): Pipeline {
    let pipeline = this.known.get(code);
    if (pipeline === undefined) this.known.set(code, (pipeline = this.create(code, label)));
    return pipeline;
  }

  private create(code: string, label: string): Pipeline {
    this.created++;
    const { device, layout } = this;
    // Errors of the text are told with the pipeline's.
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code, label });
    void device.popErrorScope().catch(() => null);
    const pipeline: Pipeline = {
      label,
      code,
      ready: null,
      compiled: device.createComputePipelineAsync({ label, layout, compute: { module, entryPoint: "main" } }).then(
        (ready) => (pipeline.ready = ready),
        async (error: unknown) => {
          throw await shaderError(label, code, module, error);
        },
      ),
    };
    // Whoever waits for it hears of a failure; nobody may.
    pipeline.compiled.catch(() => undefined);
    return pipeline;
  }
}

/** The error of a shader that does not compile: which Kernel's, and why. */
async function shaderError(label: string, code: string, module: GPUShaderModule, error: unknown): Promise<DeviceError> {
  const { messages } = await module.getCompilationInfo();
  const said = messages
    .filter(({ type }) => type === "error")
    .map(({ message, lineNum }) => `${message}, in line ${lineNum}: ${code.split("\n")[lineNum - 1]?.trim() ?? ""}`);
  const reason = said.length > 0 ? said.join("\n") : (error as Error).message;
  return new DeviceError(`webgpu: the shader of "${label}" does not compile: ${reason}`, defect);
}

/** GPUShaderStage.COMPUTE, which is no global in Node. */
const computeStage = 4;
