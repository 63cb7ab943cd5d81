/**
 * One contestant at one work in a process of its own: `node child.ts <peer> <work>`. Says in a line of JSON that it is
 * ready (or why it cannot); then answers "check", "run <steps>" and "count <steps>" lines the same way. peers/torch/main.py does likewise.
 */
import { createInterface } from "node:readline";
import type { Runner, Works } from "./runner.ts";
import { type Classes, countTraffic, perStep } from "./webgpu/traffic.ts";
import type { WorkName } from "./work/names.ts";

const modules: Readonly<Record<string, string>> = {
  downhill: "@downhill/core",
  "downhill-node": "@downhill/core",
  jax: "@jax-js/jax",
  tfjs: "@tensorflow/tfjs",
  "js-pytorch": "js-pytorch",
};

const say = (answer: object): void => {
  process.stdout.write(`#${JSON.stringify(answer)}\n`);
};

/** The time that the first import takes. tfjs needs its backend's package too, and starts it. */
async function importing(peer: string): Promise<Runner | string> {
  const specifier = modules[peer];
  if (specifier === undefined) return "no library";
  return {
    async run() {
      await import(specifier);
      if (peer === "tfjs") await import("./peers/tfjs/backend.ts");
    },
    check: async () => [],
  };
}

/** Of a peer that works on a GPU. */
let gpu: { classes: Classes; finished: () => Promise<void> } | undefined;

async function open(peer: string, work: WorkName): Promise<Runner | string> {
  if (work === "import") return importing(peer);
  const peers = (await import(`./peers/${peer}/works.ts`)) as { works: Works; gpu?: typeof gpu };
  gpu = peers.gpu;
  const found = peers.works[work] ?? "not written";
  return typeof found === "string" ? found : found();
}

async function answer(runner: Runner, line: string): Promise<object> {
  const [order, count] = line.split(" ");
  if (order === "check") return { check: await runner.check(), differs: runner.differs };
  const steps = Number(count);
  if (order === "count") {
    if (gpu === undefined) return { traffic: null };
    const { classes, finished } = gpu;
    const run = async (): Promise<void> => {
      await runner.run(steps);
      await finished();
    };
    return { traffic: perStep(await countTraffic(classes, run), steps) };
  }
  const start = performance.now();
  const result = runner.run(steps);
  const measured = result instanceof Promise ? await result : result;
  if (gpu !== undefined) await gpu.finished();
  return { seconds: measured ?? (performance.now() - start) / 1000 };
}

// Libraries greet and warn on the console; standard output is for answers.
console.log = console.info = console.warn = console.debug = () => undefined;
const [peer = "", work = ""] = process.argv.slice(2);
try {
  const runner = await open(peer, work as WorkName);
  if (typeof runner === "string") say({ cannot: runner });
  else {
    say({ ready: true });
    for await (const line of createInterface({ input: process.stdin })) say(await answer(runner, line));
  }
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
process.exit();
