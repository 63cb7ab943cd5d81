import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Bundles the modules of this folder, as workers run them: without the tests' aliases, and with one core in each. */
export async function bundleWorkers(
  ...names: readonly string[]
): Promise<{ url(name: string): URL; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "downhill-workers-"));
  await build({
    entryPoints: names.map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    tsconfig: join(import.meta.dirname, "../../../../tsconfig.base.json"), // the paths lead to the sources
    ignoreAnnotations: true, // the list of side effects in package.json names the built files
    logLevel: "error",
    external: ["papaparse", "cli-progress", "apache-arrow", "hyparquet"],
  });
  return {
    url: (name) => pathToFileURL(join(folder, `${name}.mjs`)),
    remove: () => rm(folder, { recursive: true }),
  };
}
