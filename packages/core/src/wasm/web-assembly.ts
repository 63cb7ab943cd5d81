/** What we use of WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KiB; throws a RangeError when the host has no more. Detaches `buffer`, unless it is shared. */
  grow(pages: number): number;
}

/** A compiled module: opaque, sent to workers as it is. */
export type WasmModule = object;

/** A module bound to its imports. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What we use of the host's WebAssembly; declared here, as the packages build without the host's own declarations. */
export interface WasmHost {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance;
  validate(bytes: Uint8Array): boolean;
}

/** The host's WebAssembly, or null where there is none. */
export function webAssembly(): WasmHost | null {
  return (globalThis as unknown as { WebAssembly?: WasmHost }).WebAssembly ?? null;
}

// The magic number and version: the smallest module there is.
const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** Whether modules can be compiled: false without WebAssembly, and in a page whose content policy forbids it. */
export function canCompile(host: WasmHost | null = webAssembly()): boolean {
  if (host === null) return false;
  try {
    new host.Module(empty);
    return true;
  } catch {
    return false;
  }
}
