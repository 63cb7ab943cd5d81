import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { usesGpu } from "./adapter.ts";

/** Debian's, or whatever DOWNHILL_CHROMIUM names. */
const executable = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";

const flags = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--no-sandbox",
  ...(usesGpu ? ["--use-angle=vulkan"] : ["--use-webgpu-adapter=swiftshader", "--use-vulkan=swiftshader"]),
];

/** The page's script and the parts that it loads later, by their addresses. */
async function scripts(): Promise<Map<string, string>> {
  const folder = join(import.meta.dirname, "out");
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: folder,
    write: false,
    tsconfigRaw: {}, // the packages as they are built, not their sources
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(folder.length), text]));
}

/** Headless Chromium, and the server of the bench's page. */
export class BenchBrowser {
  private readonly browser: Browser;
  private readonly server: Server;

  static async open(): Promise<BenchBrowser> {
    const files = await scripts();
    const server = createServer((request, response) => {
      const script = files.get(request.url ?? "/");
      response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
      response.end(script ?? '<!doctype html><title>bench</title><script type="module" src="page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await chromium.launch({ executablePath: executable, args: flags });
    return new BenchBrowser(browser, server);
  }

  private constructor(browser: Browser, server: Server) {
    this.browser = browser;
    this.server = server;
  }

  /** A fresh page. */
  async page(): Promise<Page> {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => "bench" in globalThis);
    return page;
  }

  /** The adapter's own words for itself. */
  async adapter(): Promise<string> {
    const page = await this.page();
    const words = await page.evaluate(async () => {
      const { gpu } = navigator as unknown as {
        gpu?: { requestAdapter(): Promise<{ info: Readonly<Record<string, string>> } | null> };
      };
      const adapter = await gpu?.requestAdapter();
      const { vendor, architecture, description } = adapter?.info ?? {};
      return [vendor, architecture, description].filter((word) => word !== undefined && word !== "").join(" ");
    });
    await page.context().close();
    return `Chromium ${this.browser.version()}, ${words === "" ? "no adapter" : words}`;
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }
}
