import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { transform } from "esbuild";
import { npm } from "./command.ts";
import { dependencies, type Tarball } from "./tarballs.ts";

/** Makes an empty project in `folder`, installs the tarballs there with npm, and puts the program in it. */
export async function createConsumer(folder: string, tarballs: readonly Tarball[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const local = (path: string): string => `file:${relative(folder, path).split(sep).join("/")}`;
  const others = [...(await dependencies(tarballs))].map(([name, path]) => [name, local(path)] as const);
  const ours = tarballs.map(({ manifest, path }) => [manifest.name, local(path)] as const);
  const manifest = {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...ours, ...others]),
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  // From a folder npm would run what a package's author runs before publishing; from the registry it does not.
  const flags = ["--offline", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  await npm(["install", ...flags], folder);

  const program = join(import.meta.dirname, "train.ts");
  await copyFile(program, join(folder, "train.ts"));
  // Without its types, for a Node that cannot strip them.
  const { code } = await transform(await readFile(program, "utf8"), { loader: "ts" });
  await writeFile(join(folder, "train.js"), code);
}
