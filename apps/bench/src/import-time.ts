/**
 * `node apps/bench/src/import-time.ts [module ...]` (built, Node 22): how long a fresh process takes to import a module, in
 * ms, the median and the best of 15, in turns. The first row is an empty module: what Node takes for any.
 */
import { execFileSync } from "node:child_process";

const turns = 15;
const given = process.argv.slice(2);
const ours = ["core", "core/engine", "nn", "optim", "data"].map((name) => `@downhill/${name}`);
const modules = ["data:text/javascript,", ...(given.length > 0 ? given : ours)];

function once(module: string): number {
  const code = `const start = performance.now(); await import("${module}"); console.log(performance.now() - start);`;
  const args = ["--input-type=module", "-e", code];
  return Number(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" }));
}

const times = new Map(modules.map((module) => [module, [] as number[]]));
for (let turn = 0; turn < turns; turn++) for (const [module, found] of times) found.push(once(module));
for (const [module, found] of times) {
  const sorted = found.sort((x, y) => x - y);
  console.log(`${module.padEnd(24)}${sorted[turns >> 1]!.toFixed(1).padStart(7)}${sorted[0]!.toFixed(1).padStart(7)}`);
}
