/** Writes the page that says what is here of PyTorch: `npm run parity`. The packages must be built. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pageFile, parity, parityPage } from "./parity.ts";

writeFileSync(join(import.meta.dirname, "../..", pageFile), parityPage());
const { modules, stale } = parity();
for (const { module, unexplained } of modules) {
  if (unexplained.length > 0) console.error(`${module}: neither here nor explained: ${unexplained.join(" ")}`);
}
for (const one of stale) console.error(`explained, but here or unknown: ${one}`);
