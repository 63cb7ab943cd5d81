import { useCallback, useEffect, useRef, useState } from "react";
import { addPoint, type Curve } from "../app/curve.js";
import { Stopped } from "../runtime/connection.js";
import { type Experiment, openExperiment } from "../runtime/open-experiment.js";
import { type BenchState, benchProgram } from "./bench-program.js";
import { type BenchSettings, samples } from "./bench-settings.js";

interface Shown {
  readonly state: BenchState | null;
  readonly train: Curve;
  readonly test: Curve;
  /** States seen. */
  readonly steps: number;
}

export interface Bench extends Shown {
  readonly running: boolean;
  readonly failure: string | null;
  /** Takes so many mini-batches. */
  readonly advance: (count: number) => void;
  readonly toggle: () => void;
  readonly reset: () => void;
}

const newCurve = (): Curve => ({ x: [], y: [], kind: "line", stride: 1, seen: 0 });
const nothing = (): Shown => ({ state: null, train: newCurve(), test: newCurve(), steps: 0 });

/** Runs the program of the settings in a worker, as far as it is asked to. Other settings begin anew. */
export function useBench(settings: BenchSettings): Bench {
  const text = benchProgram(settings);
  const [shown, setShown] = useState(nothing);
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const opened = useRef<Promise<Experiment<BenchState>> | null>(null);

  const take = useCallback(async (count: number): Promise<void> => {
    const source = opened.current;
    try {
      const stretch = await (await source)?.next(count);
      // What an experiment says that is no longer the one shown is dropped.
      if (stretch !== undefined && source === opened.current) setShown((before) => shownAfter(before, stretch.states));
    } catch (error) {
      if (source === opened.current && !(error instanceof Stopped)) setFailure(messageOf(error));
    }
  }, []);

  useEffect(() => {
    const experiment = openExperiment<BenchState>(text, {});
    opened.current = experiment;
    setShown(nothing);
    setFailure(null);
    setRunning(false);
    void take(1);
    return () => {
      opened.current = null;
      experiment.then((ready) => ready.close()).catch(() => undefined);
    };
  }, [text, turn, take]);

  useEffect(() => {
    if (!running) return;
    let gone = false;
    // Who wants no motion sees an epoch at a time.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const perEpoch = samples / settings.batchSize;
    const perTurn = still ? perEpoch : Math.max(1, perEpoch / 10);
    void (async () => {
      while (!gone) {
        await take(Math.ceil(perTurn));
        await new Promise((resolve) => setTimeout(resolve, still ? 600 : 30));
      }
    })();
    return () => {
      gone = true;
    };
  }, [running, settings.batchSize, take]);

  return {
    ...shown,
    running: running && failure === null,
    failure,
    advance: useCallback((count: number) => void take(count), [take]),
    toggle: useCallback(() => setRunning((before) => !before), []),
    reset: useCallback(() => setTurn((before) => before + 1), []),
  };
}

function shownAfter(before: Shown, states: readonly BenchState[]): Shown {
  const copied = (curve: Curve): Curve => ({ ...curve, x: [...curve.x], y: [...curve.y] });
  const [train, test] = [copied(before.train), copied(before.test)];
  for (const [i, { trainLoss, testLoss }] of states.entries()) {
    addPoint(train, trainLoss, before.steps + i);
    addPoint(test, testLoss, before.steps + i);
  }
  return { state: states.at(-1) ?? before.state, train, test, steps: before.steps + states.length };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
