/**
 * Downhill alone on a machine's GPU, in Node: what `bench:pack` packs. Prints what each work takes, and how near that comes
 * to what the GPU can do.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { duration } from "../report.ts";
import { watchDevices } from "../webgpu/devices.ts";
import { type Classes, countTraffic, perStep, type Traffic } from "../webgpu/traffic.ts";
import type { PackRow } from "./rows.ts";
import { missingVulkan } from "./vulkan.ts";

const usage = `./run.sh [options]
  --quick             small works and short turns: a look, not a measurement
  --only <text,…>     the rows whose names hold one of these
  --gflops <number>   the GPU's float32 peak, in GFLOP/s, without tensor cores; measured where it is not given
  --gbs <number>      the bandwidth of its memory, in GB/s; measured where it is not given
  --tune              measure the ways to compute each product first, and use the fastest
  --profile           what each kernel takes, too
  --json <file>       the numbers`;

const { values } = attempt(() =>
  parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      gflops: { type: "string" },
      gbs: { type: "string" },
      tune: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);
if (values.help) {
  console.log(usage);
  process.exit();
}
const vulkan = missingVulkan();
if (vulkan !== null) fail(vulkan);
process.env.XDG_RUNTIME_DIR ??= tmpdir(); // some drivers want one

const classes = (await import("webgpu")).globals as unknown as Classes;
const finished = watchDevices(classes);
const { device } = await import("../peers/downhill-webgpu/device.ts").catch((error: unknown) => {
  fail(`${(error as Error).message}${hintOf(error)}`);
});
const { describeAdapter } = await import("./describe-adapter.ts");
const { profile, tune } = await import("@downhill/webgpu");
const { rows } = await import("./rows.ts");

console.log(`${await describeAdapter()}; Node ${process.versions.node}${values.quick ? "; --quick" : ""}`);
const given = { operations: 1e9 * Number(values.gflops ?? NaN), bandwidth: 1e9 * Number(values.gbs ?? NaN) };
const isGiven = !Number.isNaN(given.operations + given.bandwidth);
const measured = isGiven
  ? given
  : await profile(() => undefined, { print: false }).then(
      (found) => found.peaks,
      () => ({ operations: NaN, bandwidth: NaN }), // it has no timestamp-query
    );
const peaks = {
  operations: Number.isNaN(given.operations) ? measured.operations : given.operations,
  bandwidth: Number.isNaN(given.bandwidth) ? measured.bandwidth : given.bandwidth,
};
const source = (peak: number): string => (Number.isNaN(peak) ? "measured" : "given");
console.log(
  `at best ${(peaks.operations / 1e9).toFixed(0)} GFLOP/s (${source(given.operations)}), ${(peaks.bandwidth / 1e9).toFixed(1)} GB/s (${source(given.bandwidth)})\n`,
);

const head = ["", "per step", "GB/s", "GFLOP/s", "of peak", "dispatches", "subm", "moved", "per dispatch"];
const widths = [26, 11, 9, 10, 9, 11, 6, 10, 14];
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("");
console.log(line(head));

const results: object[] = [];
const wanted = values.only?.split(",");
for (const row of rows) {
  if (values.quick && row.large === true) continue;
  if (wanted !== undefined && !wanted.some((text) => row.name.includes(text))) continue;
  results.push(await measure(row));
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ peaks, results }, null, 2)}\n`);
process.exit();

/** Times a row and prints its line. */
async function measure(row: PackRow): Promise<object> {
  const runner = await row.open();
  if (values.tune) await tune(() => runner.run(1), { device });
  await runner.check(); // compiles
  const seconds = async (steps: number): Promise<number> => {
    const start = performance.now();
    await runner.run(steps);
    await finished();
    return (performance.now() - start) / 1000;
  };
  const turn = values.quick ? 0.05 : 0.3;
  let steps = 1;
  let last = await seconds(1);
  for (; last < turn; last = await seconds(steps)) steps *= 2;
  const turns = [last];
  // A step that takes seconds is measured once.
  while (turns.length < 5 && last * turns.length < 10 * turn) turns.push(await seconds(steps));
  const best = Math.min(...turns) / steps;
  const traffic = perStep(await countTraffic(classes, () => seconds(10)), 10);
  const { bytes = NaN, operations = NaN } = row;
  const share = Math.max(part(bytes / best, peaks.bandwidth), part(operations / best, peaks.operations));
  console.log(
    line([row.name, duration(1e6 * best), ...speeds(bytes / best, operations / best, share), ...asked(traffic, best)]),
  );
  if (values.profile) console.log(`${String(await profile(() => runner.run(1), { print: false, device }))}\n`);
  return { name: row.name, seconds: best, bytes: row.bytes, operations: row.operations, share, traffic };
}

/** NaN where it is not known. */
function part(speed: number, peak: number): number {
  const share = speed / peak;
  return Number.isNaN(share) ? 0 : share;
}

function speeds(bandwidth: number, operations: number, share: number): string[] {
  const number = (value: number): string => (Number.isNaN(value) ? "" : (value / 1e9).toPrecision(3));
  return [number(bandwidth), number(operations), share === 0 ? "" : `${(100 * share).toFixed(1)} %`];
}

function asked({ dispatches, submissions, bytes }: Traffic, seconds: number): string[] {
  const text = (value: number): string => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
  return [text(dispatches), text(submissions), `${text(bytes)} B`, duration((1e6 * seconds) / dispatches)];
}

function hintOf(error: unknown): string {
  const { hint } = error as { hint?: string };
  return hint === undefined ? "" : `\n  hint: ${hint}`;
}

function attempt<Result>(fn: () => Result): Result {
  try {
    return fn();
  } catch (error) {
    fail(`${(error as Error).message}\n\n${usage}`);
  }
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
