import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { environmentKey } from "./messages.js";

/** What we use of a page's Worker, or of one of node:worker_threads. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
}

/** Where workers come from: the URL (in Node also the path) of their module, or a function that starts one. */
export type WorkerStart = URL | string | (() => WorkerLike);

/** A worker that runs. */
export interface StartedWorker {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  stop(): void;
  /** Whether the process has to go on for it; a page's never has to end. */
  hold(on: boolean): void;
  /** Whether `failed` is called when it just ends. */
  readonly tellsEnd: boolean;
}

/** What is heard of a worker. */
export interface WorkerEvents {
  readonly message: (data: unknown) => void;
  /** It has failed, or ended. */
  readonly failed: (why: string, cause?: unknown) => void;
}

interface NodeWorker extends WorkerLike {
  on(event: string, listener: (value: never) => void): void;
  ref(): void;
  unref(): void;
}

/** What we use of the host; declared here, as the packages build without Node's own declarations. */
interface Threads {
  readonly Worker: new (module: URL | string) => NodeWorker;
  setEnvironmentData(key: string, value: unknown): void;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** Starts a worker, in Node or in a page. Throws, or calls `failed`, where that does not work. */
export function startWorker(from: WorkerStart, events: WorkerEvents): StartedWorker {
  const threads = (globalThis as Host).process?.getBuiltinModule?.("node:worker_threads") as Threads | undefined;
  threads?.setEnvironmentData(environmentKey, true);
  let worker: unknown;
  try {
    if (typeof from === "function") worker = from();
    else worker = threads === undefined ? startInPage(from) : new threads.Worker(from);
  } finally {
    threads?.setEnvironmentData(environmentKey, undefined);
  }
  if (typeof (worker as Partial<NodeWorker> | null)?.on === "function") return nodeWorker(worker as NodeWorker, events);
  if (typeof (worker as Partial<Worker> | null)?.addEventListener === "function") {
    return pageWorker(worker as Worker, events);
  }
  throw new ValueError(
    `DataLoader: the function \`worker\` should start a worker, it gave ${show(worker)}`,
    'worker: () => new Worker(new URL("./digits.js", import.meta.url), { type: "module" })',
  );
}

function startInPage(from: URL | string): Worker {
  if (typeof Worker === "undefined") {
    throw new ValueError("DataLoader: there are no workers here", "they need a page, or Node 20.16 or newer");
  }
  return new Worker(from, { type: "module" });
}

function nodeWorker(worker: NodeWorker, { message, failed }: WorkerEvents): StartedWorker {
  worker.on("message", message);
  worker.on("messageerror", (error: Error) => failed(`sent what cannot be read: ${error.message}`, error));
  worker.on("error", (error: Error) => failed(`has died: ${String(error)}`, error));
  worker.on("exit", (code: number) => failed(`has ended with code ${code}`));
  return {
    post: (data, transfer) => worker.postMessage(data, transfer),
    stop: () => void worker.terminate(),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    tellsEnd: true,
  };
}

function pageWorker(worker: Worker, { message, failed }: WorkerEvents): StartedWorker {
  worker.addEventListener("message", (event) => message(event.data));
  worker.addEventListener("messageerror", () => failed("sent what cannot be read"));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    const { message: text, filename, lineno } = event as Partial<ErrorEvent>;
    if (text === undefined || text === "")
      failed("could not be started: its module, or one that this imports, is not there");
    else failed(`has died: ${text} (${filename ?? ""}:${lineno ?? 0})`);
  });
  return {
    post: (data, transfer) => worker.postMessage(data, transfer),
    stop: () => worker.terminate(),
    hold: () => undefined,
    tellsEnd: false,
  };
}
