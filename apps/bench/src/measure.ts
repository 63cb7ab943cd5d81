/** Something to time: runs `steps` training steps, and takes as long as it takes. */
export interface Contestant {
  readonly name: string;
  /** Prepares once; what it returns runs steps and resolves to the seconds they took. */
  open(): Promise<{ run(steps: number): Promise<number>; close?(): void }>;
}

export interface Row {
  readonly work: string;
  readonly contestant: string;
  /** Microseconds per step over the rounds. */
  readonly median: number;
  readonly best: number;
  /** The median over that of the first contestant. */
  readonly ratio: number;
}

/** Seconds that `fn` takes. */
export async function seconds(fn: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  const result = fn();
  if (result instanceof Promise) await result;
  return (performance.now() - start) / 1000;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Times contestants at the same work in turns, so that what disturbs the machine disturbs all of them. */
export async function race(
  work: string,
  contestants: readonly Contestant[],
  steps: number,
  rounds: number,
): Promise<Row[]> {
  const opened = await Promise.all(contestants.map((contestant) => contestant.open()));
  const times = contestants.map((): number[] => []);
  try {
    // Until V8 has compiled what is hot: about ten thousand steps.
    for (const each of opened) await each.run(5 * steps);
    for (let round = 0; round < rounds; round++) {
      for (const [i, each] of opened.entries()) times[i]!.push(((await each.run(steps)) / steps) * 1e6);
    }
  } finally {
    for (const each of opened) each.close?.();
  }
  const first = median(times[0]!);
  return contestants.map(({ name }, i) => ({
    work,
    contestant: name,
    median: median(times[i]!),
    best: Math.min(...times[i]!),
    ratio: median(times[i]!) / first,
  }));
}
