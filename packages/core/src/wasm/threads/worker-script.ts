/** What a worker is told: its place in the pool, or a Program to take ranges of. */
export type WorkerMessage =
  | {
      readonly kind: "start";
      readonly thread: number;
      readonly memory: object;
      readonly pool: object;
    }
  | {
      readonly kind: "load";
      readonly program: number;
      readonly module: object;
      /** Modules of the routines that it imports, by name. */
      readonly routines: Readonly<Record<string, object>>;
    }
  | { readonly kind: "drop"; readonly program: number };

/** What a worker answers: that it is ready, or what went wrong. */
export type WorkerAnswer = { readonly ready: true } | { readonly failed: string };

/**
 * The worker's script, for Node and for pages; text, as bundlers and packages then need no file for it. It binds each
 * module to the memory, to its own instance of the routines and to Math; other functions are for the main thread only.
 */
export const workerScript: string = `"use strict";
const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
const port = threads ? threads.parentPort : self;
const programs = new Map();
const routines = {};
let start, pool, seen = 0, loaded = 0;
const mainOnly = (name) => () => { throw new Error(name + " was called in a worker"); };
function bind(module) {
  const imports = { env: { memory: start.memory }, routines, host: {} };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function" || from === "routines") continue;
    const math = from === "host" && name.startsWith("unary ") ? Math[name.slice(6)] : undefined;
    (imports[from] ??= {})[name] = math ?? mainOnly(name);
  }
  return new WebAssembly.Instance(module, imports).exports;
}
function part(program, kernel, from, to, thread) {
  try {
    programs.get(program)(kernel, from, to, thread);
  } catch (error) {
    pool.fail();
    port.postMessage({ failed: String(error) });
  }
}
function receive(message) {
  try {
    if (message.kind === "start") {
      start = message;
      pool = new WebAssembly.Instance(start.pool, { env: { memory: start.memory }, worker: { part } }).exports;
      port.postMessage({ ready: true });
    } else {
      if (message.kind === "load") {
        for (const [name, module] of Object.entries(message.routines)) routines[name] ??= bind(module)[name];
        programs.set(loaded = message.program, bind(message.module).part);
      } else programs.delete(message.program);
      seen++;
    }
    pool.work(start.thread, seen, loaded);
  } catch (error) {
    port.postMessage({ failed: String(error) });
  }
}
if (threads) port.on("message", receive);
else port.onmessage = (event) => receive(event.data);
`;
