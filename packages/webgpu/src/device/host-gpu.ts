/** What the npm package `webgpu` gives in Node: Dawn's implementation of WebGPU. */
interface DawnModule {
  readonly create: (flags: readonly string[]) => GPU;
}

/** The one instance of Dawn: adapters and devices live only as long as it does. */
let dawn: Promise<GPU | null> | undefined;

const moduleName = "webgpu";

async function loadDawn(): Promise<GPU | null> {
  try {
    // The name is a variable, so that bundlers for pages do not look for it.
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ moduleName)) as DawnModule;
    return create([]);
  } catch {
    return null;
  }
}

/** Finds the host's WebGPU: a page's or worker's own, or in Node that of the package `webgpu`; null where there is none. */
export async function hostGpu(): Promise<GPU | null> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  if (navigator?.gpu !== undefined) return navigator.gpu;
  const isNode = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;
  return isNode ? await (dawn ??= loadDawn()) : null;
}
