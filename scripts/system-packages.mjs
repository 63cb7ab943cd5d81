import { spawnSync } from "node:child_process";
import { run } from "./process.mjs";
import { SetupError } from "./setup.mjs";

/**
 * What tests need of the system: a browser, whose software Vulkan driver also serves WebGPU in Node, and the loader that
 * finds the driver.
 */
const wanted = ["chromium", "libvulkan1"];

/** Installs what is missing with apt-get, on Debian and its relatives. Elsewhere the tests themselves say what they miss. */
export async function installSystemPackages() {
  if (process.platform !== "linux" || spawnSync("apt-get", ["--version"]).status !== 0) return;
  const missing = wanted.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(" and ")}, which the tests of WebGPU and of pages need`);
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (/** @type {string[]} */ ...args) => {
    const [command, ...rest] = [...asRoot, "apt-get", ...args];
    return run(/** @type {string} */ (command), rest, { quiet: true });
  };
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  // A machine that has just started may have no list of packages, or an old one.
  const code = (await apt(...install)) && ((await apt("update")) || (await apt(...install)));
  if (code !== 0)
    throw new SetupError(`apt-get could not install ${missing.join(" and ")}; install them and run this again.`);
}

/** @param {string} name */
function isInstalled(name) {
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f=${db:Status-Status}", name], { encoding: "utf8" });
  return stdout === "installed";
}
