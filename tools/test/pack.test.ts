import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, type Platform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { command } from "../pack/command.ts";
import { createConsumer } from "../pack/consumer.ts";
import { packAll, readManifest, type Tarball } from "../pack/tarballs.ts";

// Each test runs other programs: compilers, packers, Node.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const published = ["@downhill/core", "@downhill/data", "@downhill/nn", "@downhill/optim", "@downhill/webgpu"];
/** The Node that started the tests, which may be the oldest supported one; by hand, the one that runs them. */
const hostNode = process.env.DOWNHILL_HOST_NODE ?? process.execPath;
const tool = (path: string): string => join(import.meta.dirname, "../node_modules", path);

let folder: string;
let consumer: string;
let tarballs: Tarball[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "downhill-pack-"));
  consumer = join(folder, "consumer");
  tarballs = await packAll(join(folder, "tarballs"));
  await createConsumer(consumer, tarballs);
});

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

/** What this reads of a source map. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
}

/** Checks that a program printed six losses, the last far below the first, and returns them. */
function falling(output: string): number[] {
  const losses = output.trim().split("\n").map(Number);
  expect(losses).toHaveLength(6);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
  return losses;
}

test("every package is packed", () => {
  expect(tarballs.map(({ manifest }) => manifest.name).sort()).toEqual(published);
});

describe.each(published)("%s as published", (name) => {
  const installed = (): string => join(consumer, "node_modules", name);
  const tarball = (): string => tarballs.find(({ manifest }) => manifest.name === name)!.path;

  test("publint finds nothing", async () => {
    await command(process.execPath, [tool("publint/src/cli.js"), "run", tarball(), "--strict"], folder);
  });

  test("its types are what runs (attw)", async () => {
    const attw = tool("@arethetypeswrong/cli/dist/index.js");
    await command(process.execPath, [attw, tarball(), "--profile", "esm-only", "--no-emoji"], folder);
  });

  test("no source is in two of its files, and each has its source map", async () => {
    const files = await readdir(join(installed(), "dist"), { recursive: true });
    const built = files.filter((file) => file.endsWith(".js"));
    const sources: string[] = [];
    for (const file of built) {
      const code = await readFile(join(installed(), "dist", file), "utf8");
      if (!code.includes("//# sourceMappingURL=")) {
        expect(code).not.toMatch(/^\s*(?:class|const|function|let|var) /m); // a door, nothing else
        continue;
      }
      const map = join(installed(), "dist", `${file}.map`);
      const { sources: own, sourcesContent } = JSON.parse(await readFile(map, "utf8")) as SourceMap;
      expect(sourcesContent).toHaveLength(own.length);
      sources.push(...own.map((source) => join(dirname(map), source)));
    }
    expect(sources).not.toEqual([]);
    expect(sources.filter((source, i) => sources.indexOf(source) !== i)).toEqual([]);
    expect(built.length).toBeLessThan(10);
  });

  test("it carries its licence and README, and no test, workspace: or catalog: range", async () => {
    expect(await readFile(join(installed(), "LICENSE"), "utf8")).toMatch(/^MIT License/);
    expect(await readFile(join(installed(), "README.md"), "utf8")).toContain(name);
    expect(JSON.stringify(await readManifest(installed()))).not.toMatch(/workspace:|catalog:/);
    await expect(readFile(join(installed(), "vitest.config.ts"))).rejects.toThrow("ENOENT");
  });
});

describe("an empty project with the packages installed", () => {
  test("trains under plain Node", async () => {
    falling(await command(process.execPath, ["train.js"], consumer));
  });

  test("trains the same under the Node of this machine", async () => {
    const here = falling(await command(process.execPath, ["train.js"], consumer));
    expect(falling(await command(hostNode, ["train.js"], consumer))).toEqual(here);
  });

  test.each<Platform>(["browser", "neutral", "node"])("trains the same when bundled for %s", async (platform) => {
    const outfile = join(consumer, `bundle-${platform}.mjs`);
    // For "neutral" esbuild must be told where packages (parsers of tables) have their code for pages.
    const forPages = { mainFields: ["browser", "module", "main"], conditions: ["browser"] };
    const neutral = platform === "neutral" ? forPages : {};
    const entryPoints = [join(consumer, "train.ts")];
    await build({ entryPoints, outfile, platform, bundle: true, format: "esm", ...neutral });
    if (platform !== "node") expect(await readFile(outfile, "utf8")).not.toMatch(/\bfrom ?"node:|require\("/);
    const plain = falling(await command(process.execPath, ["train.js"], consumer));
    expect(falling(await command(process.execPath, [outfile], consumer))).toEqual(plain);
  });

  test("still trains when the bundle is minified and shaken", async () => {
    const outfile = join(consumer, "bundle-small.mjs");
    await build({ entryPoints: [join(consumer, "train.ts")], outfile, bundle: true, format: "esm", minify: true });
    falling(await command(process.execPath, [outfile], consumer));
  });

  test("has one of everything, whichever door it comes through, and classes keep their names", async () => {
    const script = `
      import { readFile } from "node:fs/promises";
      const seen = new Map();
      for (const name of ${JSON.stringify(published)}) {
        const { exports } = JSON.parse(await readFile(\`node_modules/\${name}/package.json\`, "utf8"));
        for (const door of Object.keys(exports).filter((door) => !door.endsWith(".json"))) {
          const all = await import(name + door.slice(1));
          for (const [key, value] of Object.entries(all)) {
            const isClass = typeof value === "function" && value.toString().startsWith("class");
            if (isClass && value.name !== key) console.log(door, key, "is called", value.name);
            if (seen.has(key) && seen.get(key) !== value) console.log(door, key, "is another");
            seen.set(key, value);
          }
        }
      }
      console.log(seen.size > 200, seen.get("Tensor") === seen.get("tensor")([1]).constructor);`;
    await writeFile(join(consumer, "doors.mjs"), script);
    expect(await command(process.execPath, ["doors.mjs"], consumer)).toBe("true true\n");
  });

  test("shares what it remembers between doors", async () => {
    const script = `
      import { isGradEnabled, noGrad, ones, setDefaultDevice } from "@downhill/core";
      import { ReferenceBackend, registerBackend, withGrad } from "@downhill/core/engine";
      import { DataLoader, TensorDataset } from "@downhill/data";
      import { Linear } from "@downhill/nn";
      console.log(noGrad(() => withGrad(true, () => isGradEnabled())), isGradEnabled());
      registerBackend(new ReferenceBackend("another"));
      setDefaultDevice("another");
      const x = new Linear(2, 2).forward(ones([3, 2]));
      const [[batch]] = Array.from(new DataLoader(new TensorDataset(x.detach())));
      console.log(x.device.name, batch.device.name);`;
    await writeFile(join(consumer, "state.mjs"), script);
    expect(await command(process.execPath, ["state.mjs"], consumer)).toBe("true true\nanother another\n");
  });

  test.each(["NodeNext", "Bundler"])("type-checks strictly with module resolution %s", async (moduleResolution) => {
    const options = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      target: "ES2022",
      module: moduleResolution === "NodeNext" ? "NodeNext" : "ESNext",
      moduleResolution,
      lib: ["ES2022", "ESNext.Disposable", "DOM"],
      types: [],
    };
    await writeFile(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["train.ts"] }));
    await command(process.execPath, [tool("typescript/bin/tsc"), "-p", "."], consumer);
  });
});
