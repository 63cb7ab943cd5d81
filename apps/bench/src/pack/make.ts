/**
 * `npm run bench:pack`: one folder with Node, Dawn and the bundled bench, for a GPU host without a network. It is for
 * machines like this one: the same system and processor.
 */
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({ options: { out: { type: "string" } } });
const out = resolve(values.out ?? join(import.meta.dirname, "../../dist/pack"));

const script = `#!/bin/sh
# Downhill's bench on this machine's GPU. See README.txt.
cd "\${0%/*}" && exec ./node bench/bench.js "$@"
`;

const readme = `Downhill on a GPU, in Node through Dawn: ./run.sh (./run.sh --help for options)

Nothing has to be installed but a Vulkan driver and its loader, libvulkan.so.1 (Debian: libvulkan1). No network is needed.
Without a GPU: VK_DRIVER_FILES=/path/to/vk_swiftshader_icd.json ./run.sh --quick

Times are the best of five turns, from handing in the first step to the end of the last on the GPU. GB/s and GFLOP/s count
what a work must read, write and compute at least; "of peak" is the larger of their shares of what the GPU can do, which is
measured by a copy and by chains of multiply-adds unless --gbs and --gflops give it.
`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: [join(import.meta.dirname, "bench.ts")],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  outdir: join(out, "bench"),
  external: ["webgpu"],
  tsconfigRaw: {}, // the packages as they are built, not their sources
  logLevel: "warning",
});
writeFileSync(join(out, "bench/package.json"), '{ "type": "module" }\n');
const dawn = dirname(createRequire(import.meta.url).resolve("webgpu"));
const folder = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
for (const part of ["index.js", "package.json", "LICENSE.md", join("dist", folder)])
  cpSync(join(dawn, part), join(out, "node_modules/webgpu", part), { recursive: true, dereference: true });
cpSync(process.execPath, join(out, "node"), { dereference: true });
writeFileSync(join(out, "run.sh"), script);
chmodSync(join(out, "run.sh"), 0o755);
writeFileSync(join(out, "README.txt"), readme);
console.log(out);
