/** `pnpm bench`: the lesson's programs on Downhill and its peers, in one run. `--quick` takes fewer rounds. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { race, type Row } from "./measure.ts";
import { retainedBytes } from "./memory.ts";
import { pythonWithTorch, torch } from "./peers/torch.ts";
import * as program2 from "./work/program-2.ts";
import * as program3 from "./work/program-3.ts";

const quick = process.argv.includes("--quick");
const rounds = quick ? 3 : 11;
const steps = quick ? 500 : 2000;

const python = pythonWithTorch();
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.versions.node}`;
console.log(`${machine}; ${rounds} rounds of ${steps} steps, in turns`);
if (python === undefined)
  console.log(
    "no python3 with torch here: PyTorch is left out (Debian: apt-get install python3-torch libopenblas0-pthread)",
  );

const rows: Row[] = [];
for (const [work, { downhill, plain }, number] of [
  ["program 2, per step", program2, 2],
  ["program 3 with its loader, per step", program3, 3],
] as const) {
  const peers = python === undefined ? [] : [torch(python, number)];
  rows.push(...(await race(work, [downhill, plain, ...peers], steps, rounds)));
}

const cell = (text: string, width: number): string => text.padEnd(width);
const number = (value: number, digits: number, width: number): string => value.toFixed(digits).padStart(width);
console.log(
  `\n${cell("work", 38)}${cell("", 18)}${"median µs".padStart(10)}${"best µs".padStart(10)}${"steps/s".padStart(12)}${"÷ Downhill".padStart(12)}`,
);
for (const { work, contestant, median, best, ratio } of rows) {
  console.log(
    cell(work, 38) +
      cell(contestant, 18) +
      number(median, 2, 10) +
      number(best, 2, 10) +
      number(1e6 / median, 0, 12) +
      number(ratio, 3, 12),
  );
}

const retained = await retainedBytes(quick ? 20_000 : 200_000);
console.log(
  `\nretained after ${quick ? "20,000" : "200,000"} steps of program 2 without an await: ${(retained / 1024).toFixed(1)} KiB`,
);

const folder = join(import.meta.dirname, "../results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "latest.json"), `${JSON.stringify({ machine, rounds, steps, rows, retained }, null, 2)}\n`);
