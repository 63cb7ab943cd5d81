import { useEffect, useState } from "react";
import clock from "./race.clock.ts?raw";
import type { Settings as ClockSettings, State as Times } from "./race.clock.js";

const rounds = 7;

/**
 * Seconds for an update of each walker, measured in this browser, now: in a worker of its own, and outside what the figure
 * records, because a clock never says the same twice. Null while nothing is measured yet, or is not wanted.
 */
export function useUpdateTimes({ count, batchSize }: ClockSettings, wanted: boolean): Times | null {
  const [times, setTimes] = useState<Times | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    const stopping = new AbortController();
    const { signal } = stopping;
    const measure = async (): Promise<void> => {
      const { openExperiment } = await import("playground/embed");
      if (signal.aborted) return;
      const experiment = await openExperiment<Times>(clock, { count, batchSize }, { signal });
      for (let round = 0; round < rounds; round++) setTimes((await experiment.next()).states[0]!);
      experiment.close();
    };
    // A slider on its way somewhere measures nothing.
    const timer = setTimeout(() => {
      measure().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }, 200);
    return () => {
      clearTimeout(timer);
      stopping.abort();
      setTimes(null);
    };
  }, [count, batchSize, wanted]);
  return times;
}
