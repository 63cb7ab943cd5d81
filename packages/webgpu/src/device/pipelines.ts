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
 * one. All have one layout: the device's memory, the parameters of a dispatch, and the record of
 * what failed.
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
    const module = this.device.createShaderModule({ code, label });
    const pipeline: Pipeline = {
      label,
      code,
      ready: null,
      compiled: this.device
        .createComputePipelineAsync({ label, layout: this.layout, compute: { module, entryPoint: "main" } })
        .then((ready) => (pipeline.ready = ready)),
    };
    // Whoever waits for it hears of a failure; nobody may.
    pipeline.compiled.catch(() => undefined);
    return pipeline;
  }
}

/** GPUShaderStage.COMPUTE, which is no global in Node. */
const computeStage = 4;
