import { DeviceError } from "../../errors.js";
import type { MemoryLimits, ModuleBuilder } from "../assembler.js";
import type { WasmHost, WasmMemory, WasmModule } from "../web-assembly.js";
import { control } from "./control.js";
import { buildPool, type PoolExports } from "./pool-module.js";
import type { ShareLimits } from "./share.js";
import { SharedKernelWriter } from "./shared-kernels.js";
import type { SharedKernels, Sharing } from "./sharing.js";
import { type RunningWorker, startWorker } from "./start-worker.js";
import type { WorkerMessage } from "./worker-script.js";

/** What the workers share with the main thread. */
export interface Shared {
  readonly host: WasmHost;
  readonly memory: WasmMemory;
  readonly limits: MemoryLimits;
}

/** The workers of one memory. They keep no process alive, and sleep when there is nothing to do. */
export class Pool implements Sharing {
  /** How many threads share the work, this one among them. */
  readonly threads: number;
  readonly imports: Readonly<{ pool: PoolExports }>;
  /** Called once if a worker fails later on, with the reason. */
  onFailure: ((why: string) => void) | null = null;

  private readonly exports: PoolExports;
  private readonly shareLimits: ShareLimits;
  private readonly workers: RunningWorker[] = [];
  private readonly words: Int32Array;
  private programs = 0;
  private closed = false;

  private constructor(threads: number, limits: ShareLimits, module: WasmModule, { host, memory }: Shared) {
    this.threads = threads;
    this.shareLimits = limits;
    this.words = new Int32Array(memory.buffer, 0, control.failed / 4 + 1);
    this.words.fill(0, control.ticket / 4);
    const imports = { env: { memory }, worker: { part: () => undefined } };
    const { exports } = new host.Instance(module, imports);
    this.exports = exports as unknown as PoolExports;
    this.imports = { pool: this.exports };
  }

  /** Starts the workers; rejects, and stops those that run, if one does not start. */
  static async open(threads: number, shared: Shared, shareLimits: ShareLimits): Promise<Pool> {
    const { host, memory, limits } = shared;
    const module = new host.Module(buildPool(limits));
    const pool = new Pool(threads, shareLimits, module, shared);
    try {
      const started = Array.from({ length: threads - 1 }, (_, k) =>
        pool.start({ kind: "start", thread: k + 1, memory, pool: module }),
      );
      await Promise.all(started);
    } catch (error) {
      pool.close();
      const why = error instanceof Error ? error.message : String(error);
      throw new DeviceError(`setNumThreads: a worker does not start: ${why}`, "one thread goes on doing all the work");
    }
    return pool;
  }

  private start(first: WorkerMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        reject(new Error(why));
        if (!this.closed) this.onFailure?.(why);
      };
      const worker = startWorker((answer) => {
        if ("ready" in answer) resolve();
        else fail(answer.failed);
      }, fail);
      this.workers.push(worker);
      worker.post(first);
    });
  }

  /** Whether a range has failed in a worker: what the run computed is not complete. */
  get hasFailed(): boolean {
    return this.words[control.failed / 4] !== 0;
  }

  get nextProgram(): number {
    return this.programs + 1;
  }

  begin(module: ModuleBuilder): SharedKernels {
    return new SharedKernelWriter(module, this.nextProgram, this.threads, this.shareLimits);
  }

  /** Hands a Program to the workers. Until one has it, it takes none of its work. */
  load(module: WasmModule, routines: Readonly<Record<string, WasmModule>>): void {
    this.send({ kind: "load", program: ++this.programs, module, routines });
  }

  /** Lets the workers forget a Program. */
  drop(program: number): void {
    if (!this.closed) this.send({ kind: "drop", program });
  }

  private send(message: WorkerMessage): void {
    for (const worker of this.workers) worker.post(message);
    this.exports.mail();
  }

  /** Stops the workers. */
  close(): void {
    this.closed = true;
    for (const worker of this.workers) worker.stop();
  }
}
