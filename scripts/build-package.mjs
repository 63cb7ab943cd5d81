/**
 * Builds the package in the current folder into its dist: a file of JavaScript for each door in package.json's "exports"
 * (dist/x.js is made of src/x.ts), one with what several of them share, and declarations file by file. Names and line
 * breaks stay: who bundles for a page minifies anyway.
 */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "rolldown";
import { root } from "./process.mjs";

const manifest = JSON.parse(await readFile("package.json", "utf8"));
/** @type {string[]} Without dist/ and .js */
const doors = Object.values(manifest.exports).flatMap((door) => door.default?.slice("./dist/".length, -3) ?? []);

/**
 * What doors export as a namespace (`export * as functional from "./functional/index.js"`) becomes a file too, which the
 * door goes on importing. Within the door's file it would be an object, and bundlers leave nothing out of objects.
 *
 * @type {string[]}
 */
const namespaces = [];
for (const door of doors) {
  const exported = (await readFile(`src/${door}.ts`, "utf8")).matchAll(/^export \* as \w+ from "(.*)\.js";$/gm);
  for (const [, path = ""] of exported) namespaces.push(join(dirname(door), path));
}

/** @param {string} file */
const sourceOf = (file) => join(process.cwd(), "src", `${file}.ts`);
const apart = new Set(namespaces.map(sourceOf));

await rm("dist", { recursive: true, force: true });
await build({
  input: Object.fromEntries([...doors, ...namespaces].map((file) => [file, sourceOf(file)])),
  tsconfig: "tsconfig.build.json", // no paths to the sources of other packages
  transform: { target: "es2022" },
  // Other packages; and from doors, namespaces.
  external: (id, importer) =>
    !/^[./]/.test(id) || (importer !== undefined && apart.has(join(dirname(importer), id.replace(/js$/, "ts")))),
  treeshake: { moduleSideEffects: true }, // package.json speaks of dist
  output: {
    dir: "dist",
    format: "esm",
    sourcemap: true,
    comments: { legal: true, annotation: true, jsdoc: false }, // they take time to load; the source map has them
    codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
    chunkFileNames: "[name].js",
    minifyInternalExports: false,
  },
});

const tsc = join(root, "node_modules/typescript/bin/tsc");
try {
  await promisify(execFile)(process.execPath, [tsc, "-p", "tsconfig.build.json"]);
} catch (error) {
  console.error(/** @type {{ stdout?: string }} */ (error).stdout ?? error);
  process.exitCode = 1;
}
