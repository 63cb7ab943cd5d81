/** Runs the programs of the lesson in the terminal: all of them, or those whose numbers are given. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "programs");
// Named 1-by-hand.ts and so on: the number is what one asks for.
const programs = readdirSync(folder)
  .map((file) => ({ file, number: Number.parseInt(file, 10) }))
  .filter(({ number }) => number > 0)
  .sort((a, b) => a.number - b.number);

/** The program's first comment line, which says what it is. */
function titleOf(file: string): string {
  const [first = ""] = readFileSync(join(folder, file), "utf8").split("\n");
  return first.replace(/^\W+|\W+$/g, "");
}

const asked = process.argv.slice(2);
const unknown = asked.find((word) => !programs.some(({ number }) => String(number) === word));
if (unknown !== undefined) {
  const numbers = programs.map(({ number }) => number).join(", ");
  console.error(`lesson: there is no program "${unknown}". There are: ${numbers}.`);
  process.exit(1);
}

for (const { file, number } of programs) {
  if (asked.length > 0 && !asked.includes(String(number))) continue;
  console.log(`\n— Program ${String(number)}: ${titleOf(file)} —`);
  // Each in a process of its own, as somebody would run it.
  const { status } = spawnSync(process.execPath, [join(folder, file)], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
