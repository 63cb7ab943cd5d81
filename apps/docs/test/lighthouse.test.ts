import lighthouse, { desktopConfig } from "lighthouse";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";
import { openBrowser } from "./browser.js";

const port = 9400 + (process.pid % 500);
let site: SiteServer;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(), openBrowser(port)]);
});

afterAll(async () => {
  await browser.close();
  site.close();
});

test.for(["", "lesson/"])("Lighthouse, on a desktop, /%s: the median of three", { timeout: 240_000 }, async (path) => {
  const runs: Record<string, number>[] = [];
  while (runs.length < 3) {
    const result = await lighthouse(site.address + path, { port, logLevel: "silent" }, desktopConfig);
    if (result === undefined) throw new Error("Lighthouse gave no result");
    const { categories, audits } = result.lhr;
    const scores = Object.values(categories).map(({ id, score }) => [id, score ?? 0] as const);
    runs.push({ ...Object.fromEntries(scores), shift: audits["cumulative-layout-shift"]?.numericValue ?? 1 });
  }
  const median = (name: string): number => runs.map((run) => run[name] ?? 0).sort((a, b) => a - b)[1]!;
  expect(median("accessibility")).toBe(1);
  expect(median("best-practices")).toBe(1);
  expect(median("seo")).toBe(1);
  // A time, so no test: it changes with the machine and with what else runs there. The aim is 95; what does not vary, the
  // weight of the scripts, is in pages.test.ts.
  console.log(`Lighthouse, performance of /${path}: ${Math.round(100 * median("performance"))}`);
  expect(median("shift")).toBeLessThan(0.02);
});
