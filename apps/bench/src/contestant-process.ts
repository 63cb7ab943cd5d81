import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DropOut, type Opened } from "./opened.ts";
import type { Traffic } from "./webgpu/traffic.ts";

/** The program of a contestant at a work. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly cannot?: string;
  readonly error?: string;
  readonly check?: readonly number[];
  readonly differs?: string;
  readonly seconds?: number;
  readonly traffic?: Traffic | null;
}

/** Seconds that a library and its inputs may take to be there. */
const patience = 120;

/** A contestant at one work: a process that answers orders in lines of JSON (child.ts, peers/torch/main.py). */
export class ContestantProcess implements Opened {
  readonly #child: ChildProcess;
  #answered: ((answer: Answer) => void) | undefined;
  #last: Answer | undefined;

  /** Starts the process and waits until it is ready. Throws DropOut where it cannot do the work. */
  static async open({ program, args, env }: Command): Promise<ContestantProcess> {
    const opened = new ContestantProcess(
      spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } }),
    );
    try {
      await opened.#answer(patience);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2000)));
    child.stdin?.on("error", () => undefined); // it ended: the close below says so
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith("#")) this.#settle(JSON.parse(line.slice(1)) as Answer);
    });
    child.once("error", (error) => this.#settle({ error: error.message }));
    child.once("close", (code) => {
      const lastLine = complaint.trim().split("\n").at(-1) ?? "";
      this.#settle({ error: lastLine === "" ? `its process ended with code ${code}` : lastLine });
    });
  }

  /** The numbers to agree on, and why they may differ. */
  async check(seconds: number): Promise<{ numbers: readonly number[]; differs: string | undefined }> {
    const { check, differs } = await this.#ask("check", seconds);
    return { numbers: check ?? [], differs };
  }

  /** Seconds that so many steps take. Ends the process if that is more than `limit`. */
  async run(steps: number, limit: number): Promise<number> {
    return (await this.#ask(`run ${steps}`, limit)).seconds ?? NaN;
  }

  async count(steps: number, limit: number): Promise<Traffic | null> {
    return (await this.#ask(`count ${steps}`, limit)).traffic ?? null;
  }

  close(): void {
    this.#child.stdin?.destroy();
    this.#child.kill("SIGKILL");
  }

  #ask(order: string, limit: number): Promise<Answer> {
    this.#child.stdin?.write(`${order}\n`);
    return this.#answer(limit);
  }

  async #answer(limit: number): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      if (this.#last !== undefined) return resolve(this.#last);
      const timer = setTimeout(() => this.#settle({ cannot: `gave up after ${Math.round(limit)} s` }), limit * 1000);
      this.#answered = (given) => {
        clearTimeout(timer);
        resolve(given);
      };
    });
    this.#last = undefined;
    if (answer.cannot !== undefined) throw new DropOut(answer.cannot);
    if (answer.error !== undefined) throw new DropOut(`failed: ${answer.error}`);
    return answer;
  }

  #settle(answer: Answer): void {
    const answered = this.#answered;
    this.#answered = undefined;
    if (answered === undefined) this.#last = answer;
    else answered(answer);
  }
}
