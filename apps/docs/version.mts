/** Keeps the site as it is under the packages' version. `npm run version-packages` runs it once that has been raised. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(here, "../../packages/core/package.json"), "utf8")) as {
  version: string;
};

// What is written from sources is kept as it is written now.
node("reference/write.mts");
node("made-guides/write.mts");
for (const [kind, folder] of [
  ["docs:version", "versioned_docs"],
  ["docs:version:api", "api_versioned_docs"],
] as const) {
  node("node_modules/@docusaurus/core/bin/docusaurus.mjs", kind, version);
  stayInVersion(join(here, folder, `version-${version}`));
}

/** Links between the kept pages lead to kept pages, whatever becomes of the current ones. */
function stayInVersion(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.mdx?$/.test(file)) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const kept = text
      .replaceAll(/\]\(\/api(?=[/)])/g, `](/api/${version}`)
      .replaceAll(/\]\(\/(?=guides|lesson)/g, `](/${version}/`);
    writeFileSync(path, kept);
  }
}

function node(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: here, stdio: "inherit" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with code ${status}`);
}
