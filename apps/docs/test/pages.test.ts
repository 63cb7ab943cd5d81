import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";
import { openBrowser, watch } from "./browser.js";
import { sitePages, writtenPages } from "./site-pages.js";

let site: SiteServer;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(), openBrowser()]);
  context = await browser.newContext();
});

afterAll(async () => {
  await browser.close();
  site.close();
});

test.concurrent.for(sitePages)("/%s loads without an error, a failed request or one to another host", async (path) => {
  const page = await context.newPage();
  const faults = watch(page, site.address);
  await page.goto(site.address + path);
  await page.waitForSelector("html[data-has-hydrated=true]", { state: "attached" });
  expect(faults).toEqual([]);
  expect(await page.title()).not.toBe("");
  expect(await context.cookies()).toEqual([]);
  await page.close();
});

// The API's pages are made by one template: a few of them stand for all.
const reference = sitePages.filter((path) =>
  /^api\/(core\/tensor|core\/exponential|nn\/linear|optim\/adam)?\/?$/.test(path),
);

test.for([...writtenPages, ...reference])(
  "/%s has nothing that axe objects to, in the light and in the dark",
  async (path) => {
    const page = await context.newPage();
    await page.goto(site.address + path, { waitUntil: "networkidle" });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message}`),
      );
      expect(found, colorScheme).toEqual([]);
    }
    await page.close();
  },
);

test.for([...writtenPages, ...reference])(
  "/%s loads at most 190 kB of JavaScript, and 70 kB for figures",
  async (path) => {
    const page = await context.newPage();
    const scripts: Promise<Buffer>[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.push(response.body());
    });
    await page.goto(site.address + path, { waitUntil: "networkidle" });
    const bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0);
    const figures = await page.locator("[data-figure]").count();
    expect(bytes / 1000).toBeLessThan(figures === 0 ? 190 : 190 + 70);
    await page.close();
  },
);

test("all written pages fit the width of a phone", async () => {
  const phone = await browser.newPage({ viewport: { width: 360, height: 740 } });
  for (const path of writtenPages) {
    await phone.goto(site.address + path);
    const wide = await phone.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wide, path).toBe(0);
  }
  await phone.close();
});
