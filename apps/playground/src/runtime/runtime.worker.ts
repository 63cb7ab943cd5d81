import { check } from "./check.js";
import { doors } from "./doors.js";
import { Evaluator, type Exports } from "./evaluate.js";
import { ProgramError } from "./fault.js";
import { experimentOf, type OpenExperiment } from "./experiment.js";
import type { DeviceName, Request, Response } from "./message.js";
import { Outbox } from "./outbox.js";
import { openStage } from "./stage.js";

/** What is used of the worker's scope; the library of types for pages has no words for it. */
interface WorkerScope {
  postMessage(message: Response): void;
  onmessage: ((event: MessageEvent<{ id: number; request: Request }>) => void) | null;
  addEventListener(type: "unhandledrejection", listener: (event: PromiseRejectionEvent) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}
const worker = globalThis as unknown as WorkerScope;

const outbox = new Outbox((events) => worker.postMessage({ type: "events", events }));
const listeners = new Map<number, (value: unknown) => void>();
const stage = openStage({
  emit: (event) => outbox.add(event),
  listen: (id, hear) => void listeners.set(id, hear),
});
const evaluator = new Evaluator({ doors, scope: { ...stage.scope } });
let exports: Exports = {};
let experiment: OpenExperiment | undefined;

async function answer(request: Request): Promise<unknown> {
  switch (request.type) {
    case "run": {
      await useDevice(request.device);
      const { EngineMeter } = await import("./engine-meter.js");
      const meter = new EngineMeter((engine) => outbox.add({ type: "engine", engine }));
      try {
        await evaluator.run(request.text);
        await stage.settled();
      } finally {
        meter.measure();
      }
      return undefined;
    }
    case "open":
      await useDevice(request.device);
      exports = await evaluator.run(request.text);
      experiment = experimentOf(exports, request.settings);
      return undefined;
    case "restart":
      experiment = experimentOf(exports, request.settings);
      return undefined;
    case "next":
      return experiment?.next(request.count);
    case "check":
      return check(evaluator, request.text, request.checkText);
    case "answer":
      listeners.get(request.id)?.(request.value);
      return undefined;
  }
}

async function useDevice(name: DeviceName): Promise<void> {
  if (name === "cpu") return;
  const [{ setDefaultDevice }, { requestDevice }] = await Promise.all([
    import("@downhill/core"),
    import("@downhill/webgpu"),
  ]);
  setDefaultDevice(await requestDevice());
}

worker.onmessage = ({ data: { id, request } }) => {
  answer(request).then(
    (value) => {
      outbox.flush();
      worker.postMessage({ type: "reply", id, value });
    },
    (error: unknown) => {
      outbox.flush();
      worker.postMessage({ type: "failed", id, fault: evaluator.fault(error) });
    },
  );
};

const astray = (error: unknown): void => {
  outbox.flush();
  worker.postMessage({ type: "astray", fault: error instanceof ProgramError ? error.fault : evaluator.fault(error) });
};
worker.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  astray(event.reason);
});
worker.addEventListener("error", (event) => {
  event.preventDefault();
  astray(event.error);
});
