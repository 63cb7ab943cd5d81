/** `npm run bench`: the same work on Downhill and its peers, in one run and in turns. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { retainedBytes } from "./memory.ts";
import { options, usage } from "./options.ts";
import { full, quick, race, type Row } from "./race.ts";
import { columns, section, summary } from "./report.ts";
import { closeBrowser, openBrowser } from "./webgpu/contestants.ts";

const chosen = attempt(() => options(process.argv.slice(2)));
const effort = chosen.quick ? quick : full;
const machine = `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores`;
console.log(`${machine}, Node ${process.versions.node}${chosen.quick ? "; --quick: a look, not a measurement" : ""}`);
const inBrowser = chosen.webgpu && chosen.contestants.some(({ key }) => key !== "downhill-node");
const adapter = inBrowser ? await (await openBrowser()).adapter() : null;
if (adapter !== null) console.log(adapter);
const first = (chosen.contestants[0]?.name ?? "").split(",")[0]!;
console.log(`Times per step. ÷ ${first}: 2 took twice as long, 0.5 half as long.\n${columns(first, chosen.webgpu)}`);

const rows: Row[] = [];
for (const work of chosen.works) {
  const row = await race(work, chosen.contestants, effort);
  rows.push(row);
  console.log(`\n${section(row)}`);
}
console.log(`\n${summary(rows)}`);
await closeBrowser();

// Program 2 again, in this process: how much 200,000 steps without an await leave behind.
const steps = chosen.quick ? 20_000 : 200_000;
const measuresMemory =
  !chosen.webgpu && chosen.works.includes("program-2") && chosen.contestants.some(({ key }) => key === "downhill");
const retained = measuresMemory ? await retainedBytes(steps) : null;
if (retained !== null) {
  console.log(
    `\nHeld after ${steps.toLocaleString("en")} steps of program 2 without an await: ${(retained / 1024).toFixed(1)} KiB more.`,
  );
}

const report = { machine, adapter, node: process.versions.node, quick: chosen.quick, effort, rows, retained };
const file = chosen.json ?? join(import.meta.dirname, `../results/${chosen.webgpu ? "webgpu" : "latest"}.json`);
mkdirSync(dirname(resolve(file)), { recursive: true });
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
if (rows.some(({ disagreements }) => disagreements.length > 0)) process.exitCode = 1;

function attempt<Result>(fn: () => Result): Result {
  try {
    return fn();
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}
