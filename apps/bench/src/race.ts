import { setTimeout as pause } from "node:timers/promises";
import { disagreements } from "./agreement.ts";
import { ContestantProcess, DropOut } from "./contestant-process.ts";
import type { Contestant } from "./contestants.ts";
import { type WorkName, works } from "./work/names.ts";

/** How long is measured. */
export interface Effort {
  /** Turns of each contestant; fewer where a step is slow. */
  readonly rounds: number;
  /** Turns of works that start a fresh process. */
  readonly coldRounds: number;
  /** Seconds that a turn shall take. */
  readonly turn: number;
  /** Seconds of warm-up. */
  readonly warmUp: number;
  /** Seconds of all turns of a contestant at one work. */
  readonly budget: number;
  /** Seconds after which a single step is given up. */
  readonly limit: number;
}

export const full: Effort = { rounds: 11, coldRounds: 15, turn: 0.1, warmUp: 1.5, budget: 8, limit: 30 };
export const quick: Effort = { rounds: 3, coldRounds: 2, turn: 0.03, warmUp: 0.2, budget: 1.5, limit: 8 };

/** What one contestant took for one work. */
export interface Timing {
  readonly contestant: string;
  /** Microseconds per step over the turns. */
  readonly median: number;
  readonly best: number;
  /** The median over that of the first contestant, if it took part. */
  readonly ratio: number | null;
  readonly turns: number;
  readonly steps: number;
  /** What it computed: losses, or some of the result. */
  readonly numbers: readonly number[];
  /** Why `numbers` are not compared with the others'. */
  readonly differs?: string;
}

/** A contestant that did not take part. */
export interface Absence {
  readonly contestant: string;
  readonly why: string;
}

export type Result = Timing | Absence;

export interface Row {
  readonly work: WorkName;
  readonly title: string;
  readonly results: readonly Result[];
  /** Contestants whose numbers are not those of the first that has some: their times mean nothing. */
  readonly disagreements: readonly string[];
}

/** A contestant in a race. */
interface Runner {
  readonly contestant: Contestant;
  readonly times: number[];
  process?: ContestantProcess;
  steps: number;
  turns: number;
  numbers: readonly number[];
  differs?: string | undefined;
  why?: string;
}

/** Times contestants at the same work in turns, so that what disturbs the machine disturbs all of them. */
export async function race(work: WorkName, contestants: readonly Contestant[], effort: Effort): Promise<Row> {
  const cold = works[work].cold === true;
  const rounds = cold ? effort.coldRounds : effort.rounds;
  const runners = contestants.map((contestant): Runner => {
    return { contestant, times: [], steps: 1, turns: rounds, numbers: [] };
  });
  const each = async (part: (runner: Runner) => Promise<void>): Promise<void> => {
    for (const runner of runners) {
      if (runner.why !== undefined) continue;
      try {
        await part(runner);
      } catch (error) {
        if (!(error instanceof DropOut)) throw error;
        runner.why = error.message;
      }
    }
  };
  try {
    if (!cold) await each((runner) => prepare(runner, work, effort));
    for (let round = 0; round < rounds; round++) {
      await each(async (runner) => {
        // Spread evenly over the rounds, if it has fewer turns than there are rounds.
        const turn = Math.floor(((round + 1) * runner.turns) / rounds);
        if (turn === Math.floor((round * runner.turns) / rounds)) return;
        await (cold ? coldTurn(runner, work, effort) : warmTurn(runner, effort));
        await pause(40); // thread pools spin for a while after their work
      });
    }
  } finally {
    for (const { process } of runners) process?.close();
  }
  return rowOf(work, runners);
}

async function prepare(runner: Runner, work: WorkName, effort: Effort): Promise<void> {
  const process = (runner.process = await ContestantProcess.open(runner.contestant, work));
  const { numbers, differs } = await process.check(4 * effort.limit);
  Object.assign(runner, { numbers, differs });
  // Doubles until a turn is long enough, then goes on until the just-in-time compiler has had its time.
  let seconds = await process.run(1, effort.limit);
  for (let spent = seconds; seconds < effort.turn || spent < effort.warmUp; spent += seconds) {
    if (seconds > effort.budget / 2) break;
    if (seconds < effort.turn) runner.steps *= 2;
    seconds = await process.run(runner.steps, effort.limit);
  }
  const perStep = seconds / runner.steps;
  runner.steps = Math.max(1, Math.round(effort.turn / perStep));
  runner.turns = Math.max(1, Math.min(effort.rounds, Math.floor(effort.budget / (perStep * runner.steps))));
}

async function warmTurn(runner: Runner, effort: Effort): Promise<void> {
  runner.times.push((await runner.process!.run(runner.steps, 10 * effort.limit)) / runner.steps);
}

async function coldTurn(runner: Runner, work: WorkName, effort: Effort): Promise<void> {
  const process = (runner.process = await ContestantProcess.open(runner.contestant, work));
  try {
    runner.times.push(await process.run(1, effort.limit));
    if (runner.times.length > 1) return;
    const { numbers, differs } = await process.check(effort.limit);
    Object.assign(runner, { numbers, differs });
  } finally {
    process.close();
  }
}

function rowOf(work: WorkName, runners: readonly Runner[]): Row {
  const [first] = runners;
  const reference = first !== undefined && first.why === undefined ? median(first.times) : null;
  const results = runners.map(({ contestant: { name: contestant }, times, steps, numbers, differs, why }): Result => {
    if (why !== undefined) return { contestant, why };
    const [middle, best] = [median(times), Math.min(...times)];
    const ratio = reference === null ? null : middle / reference;
    const timing = { contestant, median: middle * 1e6, best: best * 1e6, ratio, turns: times.length, steps, numbers };
    return differs === undefined ? timing : { ...timing, differs };
  });
  const { title, tolerance } = works[work];
  return { work, title, results, disagreements: disagreements(results, tolerance) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
