import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";

/**
 * The workspace's folders (the root is "."), as the lockfile lists them.
 *
 * @returns {string[]}
 */
export function workspaceFolders() {
  const [, importers = ""] = read("pnpm-lock.yaml").split(/^importers:$/m);
  const section = importers.split(/^\S/m)[0] ?? "";
  return [...section.matchAll(/^ {2}(\S+):/gm)]
    .map(([, folder = "."]) => folder)
    .filter((f) => existsSync(join(root, f)));
}

/**
 * The text of a file of the repository, or "" where there is none.
 *
 * @param {string} file
 */
export function read(file) {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
