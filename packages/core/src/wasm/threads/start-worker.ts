import { DeviceError } from "../../errors.js";
import { type WorkerAnswer, type WorkerMessage, workerScript } from "./worker-script.js";

/** A worker that runs. */
export interface RunningWorker {
  post(message: WorkerMessage): void;
  stop(): void;
}

/** What we use of Node's worker_threads.Worker. */
interface NodeWorker {
  on(event: "message" | "error" | "exit", listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  unref(): void;
}

/** What we use of a page's Worker. */
interface PageWorker {
  onmessage: ((event: { readonly data: WorkerAnswer }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** What we use of the host; declared here, as the packages build without the host's own declarations. */
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (url: string) => PageWorker;
  readonly Blob?: new (parts: readonly string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

/** Starts a worker, in Node or in a page. Throws, or calls `failed`, where it does not start or ends by itself. */
export function startWorker(answer: (answer: WorkerAnswer) => void, failed: (why: string) => void): RunningWorker {
  const host = globalThis as unknown as Host;
  const threads = host.process?.getBuiltinModule?.("node:worker_threads") as
    { readonly Worker: new (script: string, options: object) => NodeWorker } | undefined;
  if (threads !== undefined) {
    // Without the flags of this process: a loader for TypeScript, say, would cost each worker its start.
    const worker = new threads.Worker(workerScript, { eval: true, execArgv: [], name: "downhill" });
    worker.on("message", (message: WorkerAnswer) => {
      // Until it is ready, somebody waits for it.
      if ("ready" in message) worker.unref();
      answer(message);
    });
    worker.on("error", (error: unknown) => {
      failed(String(error));
    });
    worker.on("exit", () => {
      failed("it has ended");
    });
    return {
      post: (message) => {
        worker.postMessage(message);
      },
      stop: () => void worker.terminate(),
    };
  }
  const { Worker, Blob, URL } = host;
  if (Worker === undefined || Blob === undefined || URL === undefined)
    throw new DeviceError("there are no workers here", "threads need a page, or Node 20.16 or newer");
  const url = URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    URL.revokeObjectURL(url);
    answer(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    URL.revokeObjectURL(url);
    failed(event.message ?? "the page's content policy forbids it, perhaps: allow worker-src blob:");
  };
  return {
    post: (message) => {
      worker.postMessage(message);
    },
    stop: () => {
      worker.terminate();
    },
  };
}
