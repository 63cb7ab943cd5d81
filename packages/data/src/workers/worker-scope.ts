import { environmentKey, type FromWorker, isOurs, type ToWorker } from "./messages.js";

/** The worker that this code runs in. */
export interface WorkerScope {
  post(message: FromWorker, transfer?: ArrayBuffer[]): void;
  listen(listener: (message: ToWorker) => void): void;
}

interface Port {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(event: "message", listener: (data: unknown) => void): void;
}

/** What we use of the host; declared here, as the packages build without Node's own declarations. */
interface Threads {
  readonly isMainThread: boolean;
  readonly parentPort: Port | null;
  getEnvironmentData(key: string): unknown;
  setEnvironmentData(key: string, value: unknown): void;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly document?: unknown;
  readonly WorkerGlobalScope?: unknown;
  postMessage?(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener?(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The worker that this is; null in a main thread, and in a worker of Node's that no loader has started. */
export function workerScope(): WorkerScope | null {
  const host = globalThis as unknown as Host;
  const threads = host.process?.getBuiltinModule?.("node:worker_threads") as Threads | undefined;
  const heard =
    (listener: (message: ToWorker) => void) =>
    (data: unknown): void => {
      if (isOurs(data)) listener(data as ToWorker);
    };
  if (threads !== undefined) {
    const port = threads.parentPort;
    if (threads.isMainThread || port === null || threads.getEnvironmentData(environmentKey) !== true) return null;
    threads.setEnvironmentData(environmentKey, undefined); // workers that this one starts are its own
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      listen: (listener) => port.on("message", heard(listener)),
    };
  }
  if (host.WorkerGlobalScope === undefined || host.document !== undefined) return null;
  return {
    post: (message, transfer = []) => host.postMessage!(message, transfer),
    listen: (listener) => {
      const hear = heard(listener);
      host.addEventListener!("message", ({ data }) => hear(data));
    },
  };
}
