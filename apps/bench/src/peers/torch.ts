import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contestant } from "../measure.ts";

const pythons = ["python3", "/usr/bin/python3"];

/** The first python3 that can import torch, if any. */
export function pythonWithTorch(): string | undefined {
  return pythons.find((python) => spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0);
}

/** A program of the lesson in PyTorch on one thread, in a Python process that stays open between rounds. */
export function torch(python: string, program: 2 | 3): Contestant {
  return {
    name: "PyTorch",
    async open() {
      const child = spawn(python, [join(import.meta.dirname, "lesson_in_torch.py")], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<string> => {
        const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
        if (done === true) throw new Error("bench: the PyTorch process ended early");
        return value;
      };
      await next(); // its version: it is ready
      return {
        async run(steps) {
          child.stdin.write(`${program} ${steps}\n`);
          return Number(await next());
        },
        close: () => child.stdin.end(),
      };
    },
  };
}
