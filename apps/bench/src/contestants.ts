import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ContestantProcess } from "./contestant-process.ts";
import { DropOut, type Opened } from "./opened.ts";
import type { WorkName } from "./work/names.ts";

/** Somebody who does the works, each in a process or a page of its own. */
export interface Contestant {
  readonly key: string;
  /** How it is called in the table. */
  readonly name: string;
  /** Gets ready for a work. Throws DropOut where it cannot do it, here or at all. */
  open(work: WorkName): Promise<Opened>;
}

/** A contestant in Node, by the name of its folder in `peers`. */
export const inNode = (key: string, name: string, env: Readonly<Record<string, string>> = {}): Contestant => ({
  key,
  name,
  open(work) {
    const args = [join(import.meta.dirname, "child.ts"), key, work];
    return ContestantProcess.open({ program: process.execPath, args, env });
  },
});

const inPython = (key: string, name: string, threads: number): Contestant => ({
  key,
  name,
  async open(work) {
    const program = pythonWithTorch();
    if (program === undefined) {
      throw new DropOut("no python3 with torch here (Debian: apt-get install python3-torch libopenblas0-pthread)");
    }
    const args = [join(import.meta.dirname, "peers/torch/main.py"), work, `${threads}`];
    // Libraries read these when they start; torch.set_num_threads comes on top.
    const env = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
    return ContestantProcess.open({ program, args, env });
  },
});

/** Downhill first: all others are compared with it. */
export const contestants: readonly Contestant[] = [
  inNode("downhill", "Downhill"),
  inNode("downhill-2", "Downhill, 2 threads"),
  inPython("torch-1", "PyTorch, 1 thread", 1),
  inPython("torch-2", "PyTorch, 2 threads", 2),
  inNode("jax", "jax-js"),
  inNode("tfjs", "tfjs wasm"),
  inNode("js-pytorch", "js-pytorch"),
  inNode("plain", "plain JavaScript"),
];

let python: string | null | undefined;

/** The first python3 that can import torch, if any. */
export function pythonWithTorch(): string | undefined {
  python ??=
    ["python3", "/usr/bin/python3"].find(
      (program) => spawnSync(program, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
    ) ?? null;
  return python ?? undefined;
}
