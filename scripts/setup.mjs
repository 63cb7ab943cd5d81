import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node, root } from "./process.mjs";
import { read, workspaceFolders } from "./workspace.mjs";

/** The setup failed for a reason that the user can act on; the message is one line. */
export class SetupError extends Error {}

const stamp = join(root, "node_modules/.setup");
const log = join(root, ".cache/install.log");

/** Brings the pinned pnpm and Node and installs the locked dependencies, unless all of it stands already. */
export async function setUp() {
  const wanted = fingerprint();
  if (isCurrent(wanted)) return;
  const { packageManager } = JSON.parse(read("package.json"));
  console.log(`Setting up: ${packageManager.replace("@", " ")}, Node 22 and the locked dependencies (about a minute)`);
  rmSync(stamp, { force: true });
  const { code, output } = await install(packageManager);
  if (code !== 0) {
    mkdirSync(join(root, ".cache"), { recursive: true });
    writeFileSync(log, output);
    throw new SetupError(explain(output));
  }
  if (!existsSync(node)) {
    throw new SetupError("the node package was installed without its program. Delete node_modules and run this again.");
  }
  writeFileSync(stamp, wanted);
}

/**
 * Whether the last complete setup was of the same lockfile and manifests, and its folders are still there.
 *
 * @param {string} wanted
 */
function isCurrent(wanted) {
  if (!existsSync(stamp) || !existsSync(node) || readFileSync(stamp, "utf8") !== wanted) return false;
  return workspaceFolders().every((folder) => existsSync(join(root, folder, "node_modules")));
}

/** A digest of all that decides what is installed. */
function fingerprint() {
  const manifests = workspaceFolders().map((folder) => join(folder, "package.json"));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) hash.update(`\0${file}\0${read(file)}`);
  return hash.digest("hex");
}

/**
 * Installs through npx, with all output kept: it is shown only as one line, and only when it matters.
 *
 * @param {string} packageManager
 * @returns {Promise<{ code: number | null; output: string }>}
 */
function install(packageManager) {
  // One string for a shell, because npx is npx.cmd on Windows. Nothing in it comes from outside.
  const command = `${replacingShell}npx --yes --prefer-offline ${packageManager} install --frozen-lockfile --prefer-offline --reporter=append-only`;
  const env = {
    ...process.env,
    CI: "1", // no questions
    npm_config_loglevel: "error", // npm --silent would leave nothing to explain
    npm_config_update_notifier: "false",
    ...patience("npm"),
    ...patience("pnpm"),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd: root, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const stopWatching = watchForSilence(env, () => {
      // What is on this disk already needs no registry.
      if (/(reused|downloaded|added) [1-9]/.test(output)) return;
      resolve({ code: null, output: `${output}${silent}\n` });
      stop(child);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      stopWatching();
      resolve({ code, output });
    });
  });
}

// So that a signal reaches the program itself.
const replacingShell = process.platform === "win32" ? "" : "exec ";
const silent = "ERR_SILENT_REGISTRY";

/**
 * Asks the registry for a sign of life once the installation takes a while. A shorter fetch timeout would do that too, and
 * would cut slow downloads off.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} onSilence
 * @returns {() => void} stops watching
 */
function watchForSilence(env, onSilence) {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let ping;
  const ask = setTimeout(() => {
    const command = `${replacingShell}npm ping --fetch-retries=0 --fetch-timeout=25000`;
    ping = spawn(command, { cwd: root, env, shell: true, stdio: ["ignore", "ignore", "pipe"] });
    let answer = "";
    ping.stderr?.on("data", (chunk) => (answer += chunk));
    ping.once("error", () => clearTimeout(tell));
    ping.once("close", () => {
      clearTimeout(tell);
      // Any other error is an answer, or the installation meets it as well.
      if (/timeout|ETIMEDOUT/i.test(answer)) onSilence();
    });
  }, 5_000);
  const tell = setTimeout(() => console.error("Waiting for the package registry to answer ..."), 10_000);
  return () => {
    clearTimeout(ask);
    clearTimeout(tell);
    if (ping === undefined) return;
    ping.removeAllListeners("close");
    stop(ping);
  };
}

/**
 * Ends a program that a shell started, and lets go of it.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === "win32") spawn("taskkill", ["/pid", `${child.pid}`, "/T", "/F"], { stdio: "ignore" });
  else child.kill();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/**
 * Retries for a bad moment, not for a registry that is not there: with the defaults it takes minutes to give up.
 *
 * @param {"npm" | "pnpm"} program
 */
function patience(program) {
  const settings = { fetch_retries: 2, fetch_retry_mintimeout: 1000, fetch_retry_factor: 3, fetch_timeout: 60_000 };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${program}_config_${name}`, `${value}`]));
}

/** @type {[RegExp, string][]} */
const causes = [
  [
    new RegExp(silent),
    "the package registry does not answer. Check the network, proxy and `npm config get registry`, then run this again.",
  ],
  [/OUTDATED_LOCKFILE/, "pnpm-lock.yaml does not match a package.json. Run `pnpm install` and commit the lockfile."],
  [/ENOSPC/, "the disk is full."],
  [/EACCES|EPERM/, "a file or folder could not be written (permission denied)."],
  [/npx: (command )?not found|'npx' is not recognized/, "npx was not found. Install npm, which brings it."],
  [
    /invalid json|not valid JSON|\bE4\d\d\b|FETCH_4\d\d|DECODE_ERROR|HTTP status client/i,
    "the package registry answered, but not as a registry should. Does it want a login, or the network one (a captive portal)? Check `npm config get registry`, then run this again.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|error sending request|META_FETCH|FETCH_\d+|\bE5\d\d\b|network/i,
    "the package registry could not be reached. Check the network, proxy and `npm config get registry`, then run this again.",
  ],
];

/**
 * One line for a failed installation: what failed, and what to do.
 *
 * @param {string} output
 */
export function explain(output) {
  const cause = causes.find(([pattern]) => pattern.test(output));
  const advice = cause?.[1] ?? "see the log for the reason, or delete node_modules and run this again.";
  const code = /\bERR_PNPM_\w+|\bE[A-Z]{3,}\b( [\d.:]+)?|\bE\d{3}\b/.exec(output)?.[0];
  return `installing the dependencies failed${code === undefined ? "" : ` (${code})`}: ${advice} Log: .cache/install.log`;
}
