import { setTimeout as pause } from "node:timers/promises";
import { disagreements } from "./agreement.ts";
import type { Contestant } from "./contestants.ts";
import { DropOut, type Opened } from "./opened.ts";
import type { Traffic } from "./webgpu/traffic.ts";
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
  /** What a step asks the GPU for. */
  readonly traffic?: Traffic;
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
  opened?: Opened;
  traffic?: Traffic | null;
  steps: number;
  turns: number;
  numbers: readonly number[];
  differs?: string | undefined;
  why?: string;
}

/** Steps in which is counted what the GPU is asked for, unless they are too slow: `mlp-64-read-10` reads in one of them. */
const countedSteps = 10;

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
    for (const { opened } of runners) opened?.close();
  }
  return rowOf(work, runners);
}

async function prepare(runner: Runner, work: WorkName, effort: Effort): Promise<void> {
  const opened = (runner.opened = await runner.contestant.open(work));
  const { numbers, differs } = await opened.check(4 * effort.limit);
  Object.assign(runner, { numbers, differs });
  // Doubles until a turn is long enough, then goes on until the just-in-time compiler has had its time.
  let seconds = await opened.run(1, effort.limit);
  for (let spent = seconds; seconds < effort.turn || spent < effort.warmUp; spent += seconds) {
    if (seconds > effort.budget / 2) break;
    if (seconds < effort.turn) runner.steps *= 2;
    seconds = await opened.run(runner.steps, effort.limit);
  }
  const perStep = seconds / runner.steps;
  const counted = perStep * countedSteps < effort.limit ? countedSteps : 1;
  runner.traffic = await opened.count(counted, 10 * effort.limit);
  runner.steps = Math.max(1, Math.round(effort.turn / perStep));
  runner.turns = Math.max(1, Math.min(effort.rounds, Math.floor(effort.budget / (perStep * runner.steps))));
}

async function warmTurn(runner: Runner, effort: Effort): Promise<void> {
  runner.times.push((await runner.opened!.run(runner.steps, 10 * effort.limit)) / runner.steps);
}

async function coldTurn(runner: Runner, work: WorkName, effort: Effort): Promise<void> {
  const opened = (runner.opened = await runner.contestant.open(work));
  try {
    runner.times.push(await opened.run(1, effort.limit));
    if (runner.times.length > 1) return;
    const { numbers, differs } = await opened.check(effort.limit);
    Object.assign(runner, { numbers, differs });
  } finally {
    opened.close();
  }
}

function rowOf(work: WorkName, runners: readonly Runner[]): Row {
  const [first] = runners;
  const reference = first !== undefined && first.why === undefined ? median(first.times) : null;
  const results = runners.map(
    ({ contestant: { name: contestant }, times, steps, numbers, differs, traffic, why }): Result => {
      if (why !== undefined) return { contestant, why };
      const [middle, best] = [median(times), Math.min(...times)];
      const ratio = reference === null ? null : middle / reference;
      return {
        contestant,
        median: middle * 1e6,
        best: best * 1e6,
        ratio,
        turns: times.length,
        steps,
        numbers,
        ...(differs === undefined ? {} : { differs }),
        ...(traffic === null || traffic === undefined ? {} : { traffic }),
      };
    },
  );
  const { title, tolerance } = works[work];
  return { work, title, results, disagreements: disagreements(results, tolerance) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
