import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

const script = `
  import { ones } from "./index.js";
  import { loadCheckpoint, saveCheckpoint } from "./files/index.js";
  globalThis.save = (version) => saveCheckpoint("runs/first/run", { version, weight: ones([5000]).mul(version) });
  globalThis.load = async () => {
    const { version, weight } = await loadCheckpoint("runs/first/run");
    return [version, await weight.eq(version).all().item()];
  };
  /** Begins to save, and stops for good in the given write. */
  globalThis.stopIn = (version, last) => new Promise((stopped) => {
    const stream = FileSystemWritableFileStream.prototype;
    const write = stream.write;
    let writes = 0;
    stream.write = function (data) {
      if (++writes < last) return write.call(this, data);
      stopped();
      return new Promise(() => undefined);
    };
    globalThis.save(version);
  });
`;

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: join(import.meta.dirname, "../../packages/core/src"), loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? outputFiles[0]!.text : '<script type="module" src="script.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}, 60_000);

afterAll(async () => {
  await browser.close();
  server.close();
});

it("a checkpoint in a page's private file system is the old one, whole, when its page goes in the midst of the next", async () => {
  await page.evaluate("save(1)");
  for (const last of [1, 2, 3]) {
    await page.evaluate(`stopIn(2, ${last})`);
    await page.reload();
    expect(await page.evaluate("load()")).toEqual([1, true]);
  }
  await page.evaluate("save(2)");
  await page.reload();
  expect(await page.evaluate("load()")).toEqual([2, true]);
});
