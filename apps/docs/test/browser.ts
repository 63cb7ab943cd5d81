import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const executable = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";

/** Starts the browser of the machine; with a port, so that Lighthouse finds it. */
export function openBrowser(port?: number): Promise<Browser> {
  const args = ["--no-sandbox", ...(port === undefined ? [] : [`--remote-debugging-port=${port}`])];
  return chromium.launch({ executablePath: executable, args });
}

/** A context whose pages load what they need and nothing ahead: Docusaurus leaves that out where data is saved. */
export async function sparing(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  await context.addInitScript(() =>
    Object.defineProperty(navigator, "connection", { value: { saveData: true, effectiveType: "4g" } }),
  );
  return context;
}

/** What a page did that it should not have, each in a line: console errors, exceptions, failed requests, other hosts. */
export function watch(page: Page, site: string): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // Nobody waits for what a page asked for before it was left.
    if (why !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on("request", (request) => {
    const own = request.url().startsWith(site) || /^(data|blob):/.test(request.url());
    if (!own) faults.push(`another host: ${request.url()}`);
  });
  return faults;
}

/** What axe finds in the light and then in the dark, a line for each; `within` is a selector. */
export async function objections(page: Page, within = "html"): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
    // Colours on their way from one theme to the other are neither's.
    const style = await page.addStyleTag({ content: "*, ::before, ::after { transition: none !important }" });
    const axe = new AxeBuilder({ page }).include(within).options({ preload: false }).setLegacyMode(true);
    if (colorScheme === "dark") axe.withRules(["color-contrast", "link-in-text-block"]); // all else is as it was in the light
    const { violations } = await axe.analyze();
    const lines = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${colorScheme}, ${id}: ${html} ${any[0]?.message}`),
    );
    found.push(...lines);
    await style.evaluate((element) => (element as Element).remove());
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}
