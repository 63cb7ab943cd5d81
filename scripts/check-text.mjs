// Looks through all committed text for what belongs to one machine: absolute paths, hosts of package registries.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";

/** @type {[string, RegExp][]} */
const foreign = [
  ["an absolute path", /(?<![\w./~:-])\/(?:home|Users|root|work|mnt|tmp|private)\/[\w.-]+/],
  ["an absolute path", /(?<!\w)[A-Z]:\\+(?:Users|Windows|work|tmp)\\/i],
  ["a registry's host", /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|\bdeb\.debian\.org|\bpypi\.org\/simple/],
  ["a tarball's address", /^\s*(?:resolved|tarball):? ["']?https?:/m],
];

const findings = committed()
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

/** The files that are or would be committed; none where this is a copy without git's records. */
function committed() {
  if (!existsSync(join(root, ".git"))) return [];
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  return execFileSync("git", args, { cwd: root, maxBuffer: 1 << 26 })
    .toString()
    .split("\0");
}

/** @param {string} file */
function readText(file) {
  try {
    const bytes = readFileSync(join(root, file));
    return bytes.includes(0) ? "" : bytes.toString("utf8");
  } catch {
    return ""; // deleted, and not committed yet
  }
}
