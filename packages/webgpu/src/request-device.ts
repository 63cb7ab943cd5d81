import { DeviceError, ValueError } from "@downhill/core";
import { rememberOrigins } from "@downhill/core/compiler";
import { checkFlag, checkOptions, type Device, registerBackend, show } from "@downhill/core/engine";
import { hostGpu } from "./device/host-gpu.js";
import { WebGpuBackend } from "./webgpu-backend.js";

/** The options of `requestDevice`. */
export interface DeviceOptions {
  /** Which GPU, where there are several. Default: the host's choice. */
  readonly powerPreference?: "low-power" | "high-performance";
  /** Features of WebGPU to ask for, each of which the adapter must have. Default: those that make Downhill faster. */
  readonly features?: readonly string[];
  /** The most bytes that the device's memory may have. Default: as many as one of its buffers can hold. */
  readonly memoryBudget?: number;
  /** The Device's name. Default: `webgpu`. */
  readonly name?: string;
  /**
   * Look for mistakes, slower: errors of the GPU name the kernel, and a MemoryError the lines of code that made what is
   * largest. Default: false.
   */
  readonly debug?: boolean;
}

/** What is asked for where the adapter has it. */
const wanted: readonly GPUFeatureName[] = ["subgroups", "shader-f16", "timestamp-query"];

/**
 * Tells whether this page, worker or Node process can open a WebGPU device: it has WebGPU, and an adapter.
 *
 * @example
 * import { isAvailable } from "@downhill/webgpu";
 * console.log(typeof (await isAvailable())); // boolean
 */
export async function isAvailable(): Promise<boolean> {
  const gpu = await hostGpu();
  return gpu !== null && (await gpu.requestAdapter().catch(() => null)) !== null;
}

/**
 * Opens a GPU as a Device, for `setDefaultDevice`, `x.to(device)` and the `device` option of creation functions: in a page
 * or worker through `navigator.gpu`, in Node through the package `webgpu` (`npm install webgpu`). Limits are the
 * adapter's own.
 *
 * @throws DeviceError where there is no WebGPU, no adapter, or one without a feature that was asked for.
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<Device> {
  checkOptions("requestDevice", options, ["powerPreference", "features", "memoryBudget", "name", "debug"]);
  const { powerPreference, features, memoryBudget = Infinity, name = "webgpu", debug = false } = options;
  checkFlag("requestDevice: debug", debug);
  if (typeof memoryBudget !== "number" || !(memoryBudget > 0))
    throw new ValueError(`requestDevice: memoryBudget takes bytes, more than 0, got ${show(memoryBudget)}`);
  const gpu = await hostGpu();
  if (gpu === null) throw new DeviceError("requestDevice: there is no WebGPU here", howToGetIt());
  const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
  if (adapter === null) throw new DeviceError("requestDevice: WebGPU has found no adapter", howToGetAnAdapter());
  const missing = (features ?? []).filter((feature) => !adapter.features.has(feature));
  if (missing.length > 0) {
    throw new DeviceError(
      `requestDevice: the adapter lacks ${missing.map((feature) => JSON.stringify(feature)).join(", ")}`,
      `it has ${[...adapter.features].join(", ")}`,
    );
  }
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    label: "downhill",
    requiredFeatures:
      (features as readonly GPUFeatureName[] | undefined)?.slice() ??
      wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    },
  });
  if (debug) rememberOrigins();
  return registerBackend(new WebGpuBackend(device, name, { memoryBudget, debug }));
}

const isNode = (): boolean =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

const howToGetIt = (): string =>
  isNode()
    ? "in Node it comes with an optional package: npm install webgpu"
    : "use a browser with WebGPU (Chrome, Edge, Safari 26, Firefox 141 on Windows), over https or from localhost";

const howToGetAnAdapter = (): string =>
  isNode()
    ? "a Vulkan, Metal or Direct3D 12 driver is needed; a software one serves too: SwiftShader, through VK_DRIVER_FILES"
    : "see chrome://gpu: the GPU may be blocked, or hardware acceleration turned off";
