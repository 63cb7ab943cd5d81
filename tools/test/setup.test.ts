import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const script = new URL("../../scripts/setup.mjs", import.meta.url).href;

/** What a failed installation with this output is put down to. */
function explain(output: string): string {
  const code = `import { explain } from ${JSON.stringify(script)}; process.stdout.write(explain(${JSON.stringify(output)}));`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
}

it.each([
  ["request failed, reason: connect ECONNREFUSED 127.0.0.1:9", "could not be reached"],
  ["getaddrinfo ENOTFOUND registry.example", "could not be reached"],
  ["npm error code E503", "could not be reached"],
  ["FETCH_ERROR invalid json response body", "answered, but not as a registry should"],
  ["npm error code E401", "answered, but not as a registry should"],
  ["ERR_PNPM_OUTDATED_LOCKFILE", "does not match a package.json"],
  ["ENOSPC: no space left on device", "the disk is full"],
  ["something else", "see the log for the reason"],
])("puts %j in one line: %s", (output, says) => {
  const line = explain(output);
  expect(line).toContain(says);
  expect(line.split("\n")).toHaveLength(1);
});
