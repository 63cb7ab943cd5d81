import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const nodeFolder = join(root, "node_modules/node/bin");

/** The Node that the project pins, from the `node` package. */
export const node = join(nodeFolder, process.platform === "win32" ? "node.exe" : "node");

/**
 * The environment of everything that runs after the setup: the pinned Node and pnpm come before anybody's own.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function environment() {
  const path = [nodeFolder, join(root, "node_modules/pnpm"), join(root, "node_modules/.bin")];
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };
  // Windows may call it Path, and the copy minds the case where process.env did not.
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [...path, env[key]].join(delimiter);
  env["DOWNHILL_HOST_NODE"] = process.execPath;
  return env;
}

/**
 * Runs a program and resolves to its exit code. Its output goes to the terminal; that of a quiet one only if it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, { quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quiet ? "pipe" : "inherit";
    const child = spawn(program, args, { cwd: root, env: environment(), stdio });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
    child.stderr?.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
    // The terminal sends Ctrl-C to the child as well; wait for it to end, then pass its code on.
    const wait = () => undefined;
    process.on("SIGINT", wait);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", wait);
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}
