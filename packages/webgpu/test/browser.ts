import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Bundles a script and all that it imports, from the packages' sources, for a page. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
    target: "es2022",
    logLevel: "silent",
    alias: {
      "@downhill/core": source("core/src/index.ts"),
      "@downhill/core/engine": source("core/src/engine.ts"),
      "@downhill/core/compiler": source("core/src/compiler.ts"),
      "@downhill/core/testing": source("core/src/testing/index.ts"),
      "@downhill/nn": source("nn/src/index.ts"),
      "@downhill/optim": source("optim/src/index.ts"),
      "@downhill/data": source("data/src/index.ts"),
      "@downhill/webgpu": source("webgpu/src/index.ts"),
    },
  });
  return result.outputFiles[0]!.text;
}

/** Debian's, or whatever Playwright finds by the name. */
const executable = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";

const flags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--no-sandbox",
];

/** A page in headless Chromium whose WebGPU runs on the software adapter. */
export interface OpenPage {
  readonly page: Page;
  readonly close: () => Promise<void>;
}

/** Opens a page that runs a script of this folder as a module, from an address where WebGPU is allowed. */
export async function openPage(entry: string): Promise<OpenPage> {
  const script = await bundle(entry);
  const server: Server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript ? script : '<!doctype html><title>test</title><script type="module" src="script.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await chromium.launch({ executablePath: executable, args: flags });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  return {
    page,
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
