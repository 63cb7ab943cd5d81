import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

const tests = join(import.meta.dirname, "../../packages/data/test/workers");

const script = `
  import { manualSeed, Tensor } from "@downhill/core";
  import { DataLoader } from "../../src/index.js";
  import { datasets } from "./served.js";
  const plain = async (batch) =>
    batch instanceof Tensor ? batch.tolist() : Array.isArray(batch) ? Promise.all(batch.map(plain)) : batch;
  const start = () => new Worker(new URL("./serve.js", location.href), { type: "module" });
  /** The batches of two passes, or what went wrong. */
  globalThis.run = async (name, options) => {
    manualSeed(1);
    const worker = { url: new URL("./serve.js", location.href), start, missing: "./nowhere.js", broken: "./broken.js" }[options.from ?? "url"];
    const loader = new DataLoader(datasets[name](), { batchSize: 4, worker, workerData: { name }, ...options.loader });
    const batches = [];
    try {
      for (let pass = 0; pass < 2; pass++) for await (const batch of loader) batches.push(await plain(batch));
      return batches;
    } catch (error) {
      return { text: String(error), index: error.index, stack: error.cause?.stack };
    }
  };
`;

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: tests, sourcefile: "page.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    tsconfig: join(tests, "../../../../tsconfig.base.json"),
    external: ["papaparse", "cli-progress", "apache-arrow", "hyparquet"],
    logLevel: "error",
  });
  const worker = await build({
    entryPoints: [join(tests, "serve.ts")],
    bundle: true,
    format: "esm",
    write: false,
    tsconfig: join(tests, "../../../../tsconfig.base.json"),
    external: ["papaparse", "cli-progress", "apache-arrow", "hyparquet"],
    logLevel: "error",
  });
  const files: Record<string, string> = {
    "/script.js": outputFiles[0]!.text,
    "/serve.js": worker.outputFiles[0]!.text,
    "/broken.js": "throw new TypeError('broken from the start');",
    "/": '<script type="module" src="script.js"></script>',
  };
  server = createServer((request, response) => {
    const file = files[request.url!];
    response.writeHead(file === undefined ? 404 : 200, {
      "content-type": request.url!.endsWith(".js") ? "text/javascript" : "text/html",
    });
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction("globalThis.run !== undefined");
}, 60_000);

afterAll(async () => {
  await browser.close();
  server.close();
});

const run = (name: string, loader: object, from = "url"): Promise<unknown> =>
  page.evaluate(`run(${JSON.stringify(name)}, ${JSON.stringify({ loader, from })})`);

it("a page's module workers load what the page loads itself, started by URL or by a function", async () => {
  const expected = await run("digits", { shuffle: true });
  expect((expected as unknown[]).length).toBe(12);
  expect(await run("digits", { shuffle: true, numWorkers: 1 })).toEqual(expected);
  expect(await run("digits", { shuffle: true, numWorkers: 2, persistentWorkers: true }, "start")).toEqual(expected);
});

it("what goes wrong in a page's worker comes back", async () => {
  const failure = async (name: string, from = "url"): Promise<{ text: string; index?: number; stack?: string }> =>
    (await run(name, { numWorkers: 2, batchSize: 3 }, from)) as { text: string };
  const thrown = await failure("throws");
  expect(thrown.text).toMatch(
    /WorkerError: DataLoader: worker [01] failed at sample 13: RangeError: a sample that throws/,
  );
  expect(thrown.index).toBe(13);
  expect(thrown.stack).toContain("serve.js");
  expect((await failure("is uncaught")).text).toMatch(
    /worker [01] has died: .*in the air.*, on the samples \[12, 13, 14\]/,
  );
  expect((await failure("numbers", "missing")).text).toMatch(/worker 0 could not be started.* before it was ready/);
  expect((await failure("numbers", "broken")).text).toMatch(/worker 0 has died: .*broken from the start/);
});

it("a page's worker that closes itself, of which the page is told nothing, is missed", async () => {
  const { text } = (await run("closes", { numWorkers: 2, batchSize: 3 })) as { text: string };
  expect(text).toMatch(/WorkerError: DataLoader: worker [01] has ended, on the samples \[12, 13, 14\]/);
  const early = (await run("closes before it has a dataset", { numWorkers: 1 })) as { text: string };
  expect(early.text).toMatch(/WorkerError: DataLoader: worker 0 has ended before it was ready/);
});
