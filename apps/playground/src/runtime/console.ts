import type { LogLevel, RunEvent } from "./event.js";
import { show, type Shown } from "./shown.js";

/** A console that says what it is told as events. Of the rest it has what people use while they look for a mistake. */
export function consoleFor(emit: (event: RunEvent) => void): Partial<Console> {
  const log =
    (level: LogLevel) =>
    (...values: unknown[]): void =>
      emit({ type: "log", level, values: shownAll(values) });
  const started = new Map<string, number>();
  const counts = new Map<string, number>();
  const plain = log("log");
  return {
    log: plain,
    info: log("info"),
    debug: plain,
    warn: log("warn"),
    error: log("error"),
    trace: plain,
    dir: (value: unknown) => plain(value),
    table: (value: unknown) => plain(value),
    group: (...values: unknown[]) => void (values.length > 0 && plain(...values)),
    groupEnd: () => undefined,
    assert: (condition?: boolean, ...values: unknown[]) => {
      if (condition !== true) log("error")("Assertion failed", ...values);
    },
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      plain(`${label}: ${counts.get(label)}`);
    },
    time: (label = "default") => void started.set(label, performance.now()),
    timeEnd: (label = "default") => {
      const start = started.get(label);
      if (start !== undefined) plain(`${label}: ${(performance.now() - start).toFixed(2)} ms`);
    },
  };
}

/** `%d`, `%s` and their like in a first text take the values behind it, as consoles do. */
function shownAll(values: readonly unknown[]): Shown[] {
  const [first, ...rest] = values;
  if (typeof first !== "string" || rest.length === 0 || !/%[sdifoOc]/.test(first)) return values.map(show);
  const text = first.replaceAll(/%([sdifoOc%])/g, (all, kind: string) => {
    if (kind === "%") return "%";
    if (rest.length === 0) return all;
    const value = rest.shift();
    if (kind === "c") return "";
    if (kind === "d" || kind === "f") return String(Number(value));
    if (kind === "i") return String(Math.trunc(Number(value)));
    return show(value).text;
  });
  return [text, ...rest].map(show);
}
