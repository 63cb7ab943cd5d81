import { type Browser, chromium, type Page } from "playwright-core";

const executable = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";

/** Starts the browser of the machine; with a port, so that Lighthouse finds it. */
export function openBrowser(port?: number): Promise<Browser> {
  const args = ["--no-sandbox", ...(port === undefined ? [] : [`--remote-debugging-port=${port}`])];
  return chromium.launch({ executablePath: executable, args });
}

/** What a page did that it should not have, each in a line: console errors, exceptions, failed requests, other hosts. */
export function watch(page: Page, site: string): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on("request", (request) => {
    const own = request.url().startsWith(site) || /^(data|blob):/.test(request.url());
    if (!own) faults.push(`another host: ${request.url()}`);
  });
  return faults;
}
