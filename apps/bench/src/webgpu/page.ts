/** One contestant at one work in a page: what child.ts is in Node. */
import type { Runner, Works } from "../runner.ts";
import type { WorkName } from "../work/names.ts";
import { watchDevices } from "./devices.ts";
import { type Classes, countTraffic, perStep, type Traffic } from "./traffic.ts";

const peers: Readonly<Record<string, () => Promise<{ works: Works }>>> = {
  downhill: () => import("../peers/downhill-webgpu/works.ts"),
  jax: () => import("../peers/jax/works.ts"),
  tfjs: () => import("../peers/tfjs/works.ts"),
};

/** The time that the first import takes: a library, and what opens its device. */
const libraries: Readonly<Record<string, () => Promise<unknown>>> = {
  downhill: () => import("../peers/downhill-webgpu/device.ts"),
  jax: () => import("../peers/jax/backend.ts"),
  tfjs: () => import("../peers/tfjs/backend.ts"),
};

let runner: Runner;

const classes = globalThis as unknown as Classes;
const finished = watchDevices(classes);

/** What the page of a contestant answers to. */
export interface Bench {
  /** Gets the work ready, or says why it cannot be done. */
  open(peer: string, work: WorkName): Promise<string | null>;
  check(): Promise<{ numbers: readonly number[]; differs: string | undefined }>;
  run(steps: number): Promise<number>;
  count(steps: number): Promise<Traffic>;
}

const bench: Bench = {
  async open(peer, work) {
    if (work === "import") {
      runner = { run: async () => void (await libraries[peer]!()), check: async () => [] };
      return null;
    }
    const { works } = await peers[peer]!();
    const found = works[work] ?? "not written";
    if (typeof found === "string") return found;
    runner = await found();
    return null;
  },
  async check() {
    return { numbers: await runner.check(), differs: runner.differs };
  },
  async run(steps) {
    const start = performance.now();
    const seconds = await runner.run(steps);
    await finished();
    return seconds ?? (performance.now() - start) / 1000;
  },
  async count(steps) {
    const run = async (): Promise<void> => {
      await runner.run(steps);
      await finished();
    };
    return perStep(await countTraffic(classes, run), steps);
  },
};

Object.assign(globalThis, { bench });
