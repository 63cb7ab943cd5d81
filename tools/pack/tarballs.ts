import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "./command.ts";

/** What this needs of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A published package: its folder here, its manifest there, and the tarball that `pnpm pack` makes of it. */
export interface Tarball {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly path: string;
}

/** The repository. */
export const root: string = join(import.meta.dirname, "../..");

const pnpm = join(root, "node_modules/pnpm", process.platform === "win32" ? "pnpm.exe" : "pnpm");

/** Reads a folder's package.json. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Packs every package that is published into `target`. */
export async function packAll(target: string): Promise<Tarball[]> {
  await mkdir(target, { recursive: true });
  const tarballs: Tarball[] = [];
  for (const entry of await readdir(join(root, "packages"))) {
    const folder = join(root, "packages", entry);
    const manifest = await readManifest(folder);
    if (manifest.private === true) continue;
    await command(pnpm, ["pack", "--pack-destination", target], folder);
    const file = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
    tarballs.push({ folder, manifest, path: join(target, file) });
  }
  return tarballs;
}

/**
 * The folders of all packages of others that these depend on, by name, as installed here. The consumer takes them from
 * there, so that the test asks no registry.
 */
export async function dependencies(tarballs: readonly Tarball[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const visit = async (folder: string, { dependencies = {} }: Manifest): Promise<void> => {
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith("@downhill/") || found.has(name)) continue;
      const installed = await locate(name, folder);
      found.set(name, installed);
      await visit(installed, await readManifest(installed));
    }
  };
  for (const { folder, manifest } of tarballs) await visit(folder, manifest);
  return found;
}

/** Where Node would find a package from a folder: in the nearest node_modules that has it. */
async function locate(name: string, from: string): Promise<string> {
  const real = await realpath(from);
  for (let folder = real; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpath(candidate);
  }
  throw new Error(`${name}, a dependency of ${real}, is not installed`);
}
