import { styleText } from "node:util";
import type { Absence, Result, Row, Timing } from "./race.ts";
import type { Traffic } from "./webgpu/traffic.ts";

const width = 100;

/** Microseconds with three digits, in the unit that people say. */
export function duration(microseconds: number): string {
  const sign = microseconds < 0 ? "-" : "";
  const value = Math.abs(microseconds);
  if (value < 0.9995) return `${sign}${value.toFixed(3)} µs`;
  if (value < 999.5) return `${sign}${digits(value)} µs`;
  if (value < 999_500) return `${sign}${digits(value / 1000)} ms`;
  return `${sign}${digits(value / 1e6)} s`;
}

/** A number that is 0.01 or more, with three digits that count. */
function digits(value: number): string {
  if (value >= 99.95) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** A ratio to Downhill's median: 2.0 took twice as long. */
export function times(ratio: number): string {
  return ratio >= 0.0995 ? digits(ratio) : ratio.toFixed(ratio >= 0.00995 ? 3 : 4);
}

/** One work: a line for each contestant. */
export function section({ title, work, results, disagreements }: Row): string {
  const lines = [`${bold(title)}${dim(work.padStart(width - title.length))}`];
  for (const result of results) lines.push("why" in result ? absence(result) : timing(result));
  for (const contestant of disagreements)
    lines.push(red(`  ${contestant} computes something else: its time says nothing`));
  return lines.join("\n");
}

function timing({ contestant, median, best, ratio, turns, steps, differs, traffic }: Timing): string {
  const name = `  ${contestant}`.padEnd(22);
  const numbers = duration(median).padStart(11) + dim(duration(best).padStart(12));
  const compared = ratio === null ? "" : times(ratio);
  const effort = `${turns} × ${steps.toLocaleString("en")}`;
  const line = `${name}${numbers}${compared.padStart(13)}${dim(effort.padStart(17))}${dim(asked(traffic))}`;
  return differs === undefined ? line : `${line}\n${dim(`${" ".repeat(24)}${differs}`)}`;
}

const absence = ({ contestant, why }: Absence): string =>
  dim(`  ${contestant}`.padEnd(24) + (why.length > width - 24 ? `${why.slice(0, width - 25)}…` : why));

/** What a step asks a GPU for: dispatches, submissions, bytes. */
function asked(traffic: Traffic | undefined): string {
  if (traffic === undefined) return "";
  const { dispatches, submissions, bytes } = traffic;
  return few(dispatches).padStart(9) + few(submissions).padStart(6) + memory(bytes).padStart(10);
}

const few = (count: number): string => (Number.isInteger(count) ? `${count}` : count.toFixed(1));

/** Bytes with three digits. */
export const memory = (bytes: number): string =>
  bytes < 1000
    ? `${Math.round(bytes)} B`
    : bytes < 999_500
      ? `${digits(bytes / 1000)} kB`
      : `${digits(bytes / 1e6)} MB`;

/** The head of the columns; ratios are to the first contestant. */
export const columns = (first: string, onGpu: boolean = false): string =>
  dim(
    [
      "".padEnd(22),
      "median".padStart(11),
      "best".padStart(12),
      `÷ ${first}`.padStart(13),
      "turns × steps".padStart(17),
      ...(onGpu ? ["dispatch".padStart(9), "subm".padStart(6), "moved".padStart(10)] : []),
    ].join(""),
  );

const short: Readonly<Record<string, string>> = {
  "Downhill, 2 threads": "2 threads",
  "PyTorch, 1 thread": "torch 1",
  "PyTorch, 2 threads": "torch 2",
  "tfjs wasm": "tfjs",
  "tfjs webgpu": "tfjs",
  "Downhill in Node": "in Node",
  "plain JavaScript": "plain",
  "js-pytorch": "js-torch",
};

/** All works on one page: Downhill's median, and the others' as multiples of it. */
export function summary(rows: readonly Row[]): string {
  const names = rows[0]?.results.map(({ contestant }) => contestant) ?? [];
  const head = names.map((name) => (short[name] ?? name).padStart(9)).join("");
  const lines = rows.map(({ work, results }) => work.padEnd(20) + results.map((result, i) => cell(result, i)).join(""));
  return [bold(`${"median, then ratios".padEnd(20)}${head}`), ...lines].join("\n");
}

function cell(result: Result, place: number): string {
  if ("why" in result) return dim("-".padStart(9));
  if (place === 0 || result.ratio === null) return duration(result.median).padStart(9);
  return times(result.ratio).padStart(9);
}

const bold = (text: string): string => styled("bold", text);
const dim = (text: string): string => styled("dim", text);
const red = (text: string): string => styled("red", text);

function styled(style: "bold" | "dim" | "red", text: string): string {
  return process.stdout.isTTY && process.env.NO_COLOR === undefined ? styleText(style, text) : text;
}
