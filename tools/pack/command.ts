import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program and returns what it printed; if it fails, the error says what it printed. */
export async function command(program: string, args: readonly string[], folder: string): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd: folder, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[program, ...args].join(" ")}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Runs npm, which is npm.cmd on Windows and wants a shell there. Arguments must be plain words. */
export function npm(args: readonly string[], folder: string): Promise<string> {
  if (process.platform === "win32") return command("cmd.exe", ["/d", "/s", "/c", ["npm", ...args].join(" ")], folder);
  return command("npm", args, folder);
}
