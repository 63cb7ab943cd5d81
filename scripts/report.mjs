import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.mjs";
import { read, workspaceFolders } from "./workspace.mjs";

/** @typedef {{ passed: number; failed: number; skipped: number; problems: string[] }} Counts */
/** @typedef {{ status: string; name: string; assertionResults: { status: string; fullName: string }[] }} FileReport */
/**
 * @typedef {{ success: boolean; numPassedTests: number; numFailedTests: number; numPendingTests: number;
 *   numTodoTests: number; testResults: FileReport[] }} VitestReport
 */

// Vitest writes the first, a Turborepo task output (so a cached run restores it); Turborepo writes the second.
const report = ".reports/vitest.json";
const runs = join(root, ".turbo/runs");

/** Removes what earlier runs reported, so that a run that dies cannot pass with old numbers. */
export function clearReports() {
  for (const folder of tested()) rmSync(join(root, folder, report), { force: true });
  rmSync(runs, { recursive: true, force: true });
}

/**
 * Adds up the reports of all packages. A missing report, or one of a run that failed outside its tests, is a failure.
 *
 * @returns {Counts}
 */
export function countTests() {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0, problems: [] };
  for (const folder of tested()) {
    const text = read(join(folder, report));
    if (text === "") {
      counts.failed += 1;
      counts.problems.push(`${folder}: its tests left no report`);
      continue;
    }
    /** @type {VitestReport} */
    const result = JSON.parse(text);
    const broken = result.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + broken.length;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    for (const file of result.testResults) {
      for (const { status, fullName } of file.assertionResults) {
        if (status === "failed") counts.problems.push(`${folder}: ${fullName}`);
      }
    }
    for (const file of broken) counts.problems.push(`${folder}: ${file.name} did not load`);
    if (!result.success && result.numFailedTests + broken.length === 0) {
      counts.failed += 1;
      const reason = result.testResults.length === 0 ? "no tests were found" : "the run failed outside its tests";
      counts.problems.push(`${folder}: ${reason}`);
    }
  }
  return counts;
}

/**
 * The tasks of the last run that ended with an error, as "package#task".
 *
 * @returns {string[]}
 */
export function failedTasks() {
  const files = readFolder(runs).filter((file) => file.endsWith(".json"));
  return files.flatMap((file) => {
    /** @type {{ tasks: { taskId: string; execution?: { exitCode: number } }[] }} */
    const { tasks } = JSON.parse(readFileSync(join(runs, file), "utf8"));
    return tasks.filter((task) => (task.execution?.exitCode ?? 0) !== 0).map((task) => task.taskId);
  });
}

/**
 * The line that ends a test run.
 *
 * @param {Counts} counts
 */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function tested() {
  return workspaceFolders().filter((folder) => {
    const manifest = JSON.parse(read(join(folder, "package.json")));
    return folder !== "." && manifest.scripts?.test !== undefined;
  });
}

/** @param {string} path */
function readFolder(path) {
  try {
    return readdirSync(path);
  } catch {
    return []; // Turborepo did not get as far as writing one
  }
}
