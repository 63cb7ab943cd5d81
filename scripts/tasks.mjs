import { availableParallelism } from "node:os";
import { join } from "node:path";
import { node, root, run } from "./process.mjs";
import { SetupError, setUp } from "./setup.mjs";
import { installSystemPackages } from "./system-packages.mjs";
import { clearReports, countTests, failedTasks, summary } from "./report.mjs";

/**
 * What `npm run <task>` does once the project is set up. Each returns an exit code.
 *
 * @type {Record<string, (args: string[]) => Promise<number>>}
 */
const tasks = {
  async start(args) {
    return (await buildPackages()) || (await lesson([])) || serve(args);
  },
  async lesson(args) {
    return (await buildPackages()) || lesson(args);
  },
  async bench(args) {
    return (await buildPackages()) || run(node, [join(root, "apps/bench/src/main.ts"), ...args]);
  },
  async "bench:pack"(args) {
    return (await buildPackages()) || run(node, [join(root, "apps/bench/src/pack/make.ts"), ...args]);
  },
  async parity() {
    return (await buildPackages()) || run(node, [join(root, "tools/parity/write.ts")]);
  },
  build: () => turbo(["build"]),
  typecheck: () => turbo(["typecheck", "typecheck:root"]),
  lint: () => turbo(["lint", "lint:root", "format:check"]),
  test,
  /** Raises the versions that the changesets ask for, and keeps the site under the new one. */
  async "version-packages"() {
    return (
      (await changeset(["version"])) || (await buildPackages()) || run(node, [join(root, "apps/docs/version.mts")])
    );
  },
  changeset,
};

/** @param {string[]} args */
function changeset(args) {
  return run(node, [join(root, "node_modules/@changesets/cli/bin.js"), ...args]);
}

/**
 * Runs one task by name and returns its exit code.
 *
 * @param {string} name
 * @param {string[]} args
 */
export async function runTask(name, args) {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined) {
    console.error(`downhill: no task "${name}". There are: ${Object.keys(tasks).join(", ")}.`);
    return 1;
  }
  try {
    await setUp();
    if (name === "test") await installSystemPackages();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`downhill: ${error.message}`);
    return 1;
  }
  return task(args);
}

/** Everything that must hold, then one line that counts it. Ends with a non-zero code if anything at all went wrong. */
async function test() {
  clearReports();
  const all = ["build", "typecheck", "typecheck:root", "lint", "lint:root", "format:check", "test"];
  const code = await turbo([...all, "--continue=always", "--summarize"]);
  const counts = countTests();
  for (const task of failedTasks()) {
    // A failed test task is counted test by test; any other failed task is one failure.
    if (task.endsWith("#test")) continue;
    counts.failed += 1;
    counts.problems.push(task);
  }
  for (const problem of counts.problems) console.log(`failed: ${problem}`);
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    console.log(`failed: turbo ended with code ${code}`);
  }
  console.log(summary(counts));
  return counts.failed === 0 ? 0 : code || 1;
}

/** What the programs import. They are what one came to see, so this speaks only when it fails. */
function buildPackages() {
  return turbo(["build", "--filter=./packages/*"], { quiet: true });
}

/**
 * Builds the site and serves it until Ctrl-C. Not in CI, which would wait for ever, nor with --no-serve.
 *
 * @param {string[]} args
 */
async function serve(args) {
  if (args.includes("--no-serve") || (process.env["CI"] ?? "") !== "") return 0;
  console.log("\nBuilding the site");
  return (await turbo(["build"], { quiet: true })) || run(node, [join(root, "apps/docs/serve.mts")]);
}

/**
 * The programs of the lesson, in the terminal.
 *
 * @param {string[]} args
 */
function lesson(args) {
  return run(node, [join(root, "apps/playground/lesson.ts"), ...args]);
}

/**
 * Runs tasks of all packages through Turborepo, which skips what has not changed.
 *
 * @param {string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
function turbo(args, options) {
  const launcher = join(root, "node_modules/turbo/bin/turbo");
  const concurrency = `--concurrency=${Math.max(2, availableParallelism())}`;
  return run(node, [launcher, "run", ...args, concurrency, "--output-logs=new-only", "--ui=stream"], options);
}
