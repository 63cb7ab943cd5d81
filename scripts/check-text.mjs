// Looks through all committed text for what belongs to one machine: absolute paths, hosts of package registries.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";

/** @type {[string, RegExp][]} */
const foreign = [
  ["an absolute path", /(?<![\w./~:-])\/(?:home|Users|root|work|mnt|tmp|private|farm)\/[\w.-]+/],
  ["an absolute path", /(?<!\w)[A-Z]:\\+(?:Users|Windows|work|tmp)\\/i],
  ["a registry's host", /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|\bdeb\.debian\.org|\bpypi\.org\/simple/],
  ["a tarball's address", /^\s*(?:resolved|tarball):? ["']?https?:/m],
];

const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
const findings = listed
  .toString()
  .split("\0")
  .filter((file) => file !== "" && file !== "scripts/check-text.mjs")
  .flatMap((file) => {
    const text = readText(file);
    return text.split("\n").flatMap((line, index) => {
      const found = foreign.find(([, pattern]) => pattern.test(line));
      return found === undefined ? [] : [`${file}:${index + 1}: ${found[0]}: ${line.trim().slice(0, 120)}`];
    });
  });

for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exit(1);

/** @param {string} file */
function readText(file) {
  try {
    const bytes = readFileSync(join(root, file));
    return bytes.includes(0) ? "" : bytes.toString("utf8");
  } catch {
    return ""; // deleted, and not committed yet
  }
}
