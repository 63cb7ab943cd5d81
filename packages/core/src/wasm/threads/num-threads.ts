import { getDevice } from "../../backend/device.js";
import { DeviceError, show, ValueError } from "../../errors.js";
import { WasmBackend } from "../backend.js";
import type { WasmEngine } from "../engine.js";
import { Pool } from "./pool.js";
import { shareLimits, type ShareLimits } from "./share.js";

/** What we read of the host; declared here, as the packages build without the host's own declarations. */
interface Host {
  readonly SharedArrayBuffer?: unknown;
  readonly crossOriginIsolated?: boolean;
  readonly console?: { warn(text: string): void };
}

const most = 64;

/** Calls wait for those before them. */
let last: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** @internal Has so many threads share an engine's large Kernels. */
export async function shareAmong(
  engine: WasmEngine,
  threads: number,
  limits: ShareLimits = shareLimits,
): Promise<void> {
  if (threads === (engine.sharing?.threads ?? 1)) return;
  if (threads === 1) {
    engine.shareWork(null);
    return;
  }
  const host = globalThis as unknown as Host;
  if (host.SharedArrayBuffer === undefined || host.crossOriginIsolated === false)
    throw new DeviceError(
      "setNumThreads: there is no memory that threads could share here",
      "serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  engine.shareMemory();
  const { heap } = engine;
  const pool = await Pool.open(threads, { host: engine.host, memory: heap.memory, limits: heap.limits }, limits);
  pool.onFailure = (why) => {
    if (engine.sharing !== pool) return;
    engine.shareWork(null);
    host.console?.warn(`downhill: a thread has failed, and one goes on alone: ${why}`);
  };
  engine.shareWork(pool);
}

/**
 * Sets how many threads compute the large kernels of the `cpu` device: matrix products, convolutions, long loops. The
 * others are workers; they sleep when there is nothing to do, and keep no process alive. Results do not depend on the
 * number of threads. One by default. Same as torch.set_num_threads, but for the Promise: it resolves once the workers
 * run, and until then one thread goes on computing. Memory that threads share takes Node 20.16, or a page that is
 * cross-origin isolated.
 *
 * Throws a ValueError if the number is not a whole one from 1 to 64. Rejects with a DeviceError where there are no
 * threads, or a worker does not start (a content policy without `worker-src blob:`); then the number stays what it was.
 *
 * @example
 * await setNumThreads(2);
 * console.log(getNumThreads()); // 2
 * await setNumThreads(1);
 */
export function setNumThreads(threads: number): Promise<void> {
  if (!Number.isInteger(threads) || threads < 1 || threads > most)
    throw new ValueError(`setNumThreads: the number must be a whole one from 1 to ${most}, not ${show(threads)}`);
  const set = async (): Promise<void> => {
    const { backend } = getDevice("cpu");
    if (backend instanceof WasmBackend) await shareAmong(backend.engine, threads);
    else if (threads > 1) throw new DeviceError("setNumThreads: the cpu device interprets its programs, on one thread");
  };
  const result = last.then(set);
  last = result.catch(() => undefined);
  return result;
}

/** Returns how many threads compute the large kernels of the `cpu` device. Same as torch.get_num_threads. */
export function getNumThreads(): number {
  const { backend } = getDevice("cpu");
  return backend instanceof WasmBackend ? backend.numThreads : 1;
}
