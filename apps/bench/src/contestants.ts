import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { WorkName } from "./work/names.ts";

/** Somebody who does the works, each in a process of its own. */
export interface Contestant {
  readonly key: string;
  /** How it is called in the table. */
  readonly name: string;
  /** The program to start for a work, or why there is none on this machine. */
  command(work: WorkName): { program: string; args: string[]; env?: Record<string, string> } | string;
}

const inNode = (key: string, name: string): Contestant => ({
  key,
  name,
  command: (work) => ({ program: process.execPath, args: [join(import.meta.dirname, "child.ts"), key, work] }),
});

const inPython = (key: string, name: string, threads: number): Contestant => ({
  key,
  name,
  command(work) {
    const program = pythonWithTorch();
    if (program === undefined) {
      return "no python3 with torch here (Debian: apt-get install python3-torch libopenblas0-pthread)";
    }
    const args = [join(import.meta.dirname, "peers/torch/main.py"), work, `${threads}`];
    // Libraries read these when they start; torch.set_num_threads comes on top.
    return { program, args, env: { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` } };
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
