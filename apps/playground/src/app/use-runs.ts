import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { DeviceName } from "../runtime/message.js";
import { type Run, runProgram } from "../runtime/run-program.js";
import { RunRecord } from "./run-record.js";

const mostRuns = 6;
/** Milliseconds between drawings of what a run says. */
const pace = 100;

/** The runs of this page, newest last, and what can be done with them. */
export interface Runs {
  readonly records: readonly RunRecord[];
  readonly running: RunRecord | null;
  readonly run: (text: string, title: string, device: DeviceName) => void;
  readonly stop: () => void;
  readonly answer: (record: RunRecord, value: unknown) => void;
  readonly forget: (record: RunRecord) => void;
}

export function useRuns(): Runs {
  const [records, setRecords] = useState<readonly RunRecord[]>([]);
  const [running, setRunning] = useState<RunRecord | null>(null);
  const current = useRef<Run | null>(null);
  const count = useRef(0);
  const pulse = usePulse();

  useEffect(() => () => current.current?.stop(), []);

  const stop = useCallback(() => current.current?.stop(), []);

  const run = useCallback(
    (text: string, title: string, device: DeviceName) => {
      current.current?.stop();
      const record = new RunRecord(++count.current, title, device);
      const started = runProgram(text, {
        device,
        onEvents: (events) => {
          record.add(events);
          pulse();
        },
      });
      current.current = started;
      setRecords((before) => [...before, record].slice(-mostRuns));
      setRunning(record);
      void started.outcome.then((outcome) => {
        record.end(outcome);
        setRunning((before) => (before === record ? null : before));
        pulse();
      });
    },
    [pulse],
  );

  const answer = useCallback(
    (record: RunRecord, value: unknown) => {
      const { question } = record;
      if (question === null) return;
      current.current?.answer(question.id, value);
      if (question.type === "ask") record.question = null;
      pulse();
    },
    [pulse],
  );

  const forget = useCallback((record: RunRecord) => {
    setRecords((before) => before.filter((other) => other !== record));
  }, []);

  return { records, running, run, stop, answer, forget };
}

/** A function that has the component drawn anew, a few times a second at most. */
function usePulse(): () => void {
  const [store] = useState(() => {
    const listeners = new Set<() => void>();
    let beats = 0;
    let due: ReturnType<typeof setTimeout> | null = null;
    return {
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      snapshot: () => beats,
      pulse: () => {
        due ??= setTimeout(() => {
          due = null;
          beats++;
          for (const listener of listeners) listener();
        }, pace);
      },
    };
  });
  useSyncExternalStore(store.subscribe, store.snapshot);
  return store.pulse;
}
