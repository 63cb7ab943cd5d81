/** What a program asks a GPU for. */
export interface Traffic {
  dispatches: number;
  submissions: number;
  /** Bytes written by the host, copied between buffers, and mapped to be read or written. */
  bytes: number;
  /** Buffers, bind groups and pipelines made. */
  made: number;
}

type Method = (this: object, ...args: unknown[]) => unknown;

/** The classes of WebGPU: a page's own globals, or what Node's `webgpu` gives. */
export type Classes = Readonly<Record<string, { readonly prototype: object } | undefined>>;

const sizeOf = (data: ArrayBuffer | ArrayBufferView, start = 0, size?: number): number => {
  const unit = "BYTES_PER_ELEMENT" in data ? (data.BYTES_PER_ELEMENT as number) : 1;
  return size === undefined ? data.byteLength - start * unit : size * unit;
};

const sizeOfMapping = (buffer: { size: number }, offset = 0, size?: number): number => size ?? buffer.size - offset;

/** What each call adds, by class and method. */
const counted: Readonly<
  Record<string, Readonly<Record<string, (traffic: Traffic, self: object, args: never) => void>>>
> = {
  GPUComputePassEncoder: {
    dispatchWorkgroups: (traffic) => traffic.dispatches++,
    dispatchWorkgroupsIndirect: (traffic) => traffic.dispatches++,
  },
  GPURenderPassEncoder: { draw: (traffic) => traffic.dispatches++ },
  GPUQueue: {
    submit: (traffic) => traffic.submissions++,
    writeBuffer: (traffic, _, [, , data, start, size]: [0, 0, ArrayBuffer, number?, number?]) =>
      (traffic.bytes += sizeOf(data, start, size)),
  },
  GPUCommandEncoder: {
    copyBufferToBuffer: (traffic, _, args: [{ size: number }, ...unknown[]]) => {
      const size = args.length === 3 || args.length === 5 ? args.at(-1) : undefined;
      traffic.bytes += typeof size === "number" ? size : args[0].size;
    },
  },
  GPUBuffer: {
    mapAsync: (traffic, self, [, offset, size]: [number, number?, number?]) =>
      (traffic.bytes += sizeOfMapping(self as { size: number }, offset, size)),
  },
  GPUDevice: {
    createBuffer: (traffic, _, [{ size, mappedAtCreation }]: [{ size: number; mappedAtCreation?: boolean }]) => {
      traffic.made++;
      if (mappedAtCreation === true) traffic.bytes += size;
    },
    createBindGroup: (traffic) => traffic.made++,
    createComputePipeline: (traffic) => traffic.made++,
    createComputePipelineAsync: (traffic) => traffic.made++,
  },
};

/** Counts what everybody asks the GPU for while `run` runs: whoever does it calls these methods. */
export async function countTraffic(classes: Classes, run: () => Promise<unknown>): Promise<Traffic> {
  const traffic: Traffic = { dispatches: 0, submissions: 0, bytes: 0, made: 0 };
  const undo: (() => void)[] = [];
  for (const [name, methods] of Object.entries(counted)) {
    const prototype = classes[name]?.prototype as Record<string, Method | undefined> | undefined;
    if (prototype === undefined) continue;
    for (const [method, add] of Object.entries(methods)) {
      const original = prototype[method];
      if (original === undefined) continue;
      prototype[method] = function (...args) {
        add(traffic, this, args as never);
        return original.apply(this, args);
      };
      undo.push(() => (prototype[method] = original));
    }
  }
  try {
    await run();
  } finally {
    for (const restore of undo) restore();
  }
  return traffic;
}

/** Per step. */
export const perStep = (traffic: Traffic, steps: number): Traffic => ({
  dispatches: traffic.dispatches / steps,
  submissions: traffic.submissions / steps,
  bytes: traffic.bytes / steps,
  made: traffic.made / steps,
});
