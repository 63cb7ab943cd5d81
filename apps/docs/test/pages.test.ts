import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";
import { objections, openBrowser, sparing, watch } from "./browser.js";
import { sitePages, writtenPages } from "./site-pages.js";

let site: SiteServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

/** A script's size in kB, gzipped, by its address: most pages load the same ones. */
const sizes = new Map<string, Promise<number>>();
let loaded: string[] = [];

beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(), openBrowser()]);
  context = await sparing(browser, { reducedMotion: "reduce" });
  page = await context.newPage();
  faults = watch(page, site.address);
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    loaded.push(response.url());
    if (!sizes.has(response.url()))
      sizes.set(
        response.url(),
        response.body().then((body) => gzipSync(body).length / 1000),
      );
  });
});

afterAll(async () => {
  await browser.close();
  site.close();
});

/** Loads a page and waits until it has all that it asks for. */
async function visit(path: string): Promise<void> {
  faults.length = 0;
  loaded = [];
  await page.goto(site.address + path);
  await page.waitForSelector("html[data-has-hydrated=true]", { state: "attached" });
}

test.for(sitePages)("/%s loads without an error, from here alone, with few scripts", async (path) => {
  await visit(path);
  const figures = await page.locator("[data-figure]").count();
  if (figures > 0) {
    await page.locator("[data-figure]").first().scrollIntoViewIfNeeded(); // what is out of sight does not start
    await page.locator("[data-figure][aria-busy=false]").first().waitFor();
  }
  expect(faults).toEqual([]);
  expect(await page.title()).not.toBe("");
  expect(await context.cookies()).toEqual([]);
  const weights = await Promise.all(loaded.map((url) => sizes.get(url)!));
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(figures === 0 ? 190 : 190 + 70);
});

// The API's pages are made by one template: a few of them stand for all.
const reference = sitePages.filter((path) =>
  /^api\/(core\/tensor|core\/exponential|nn\/linear|optim\/adam)?\/?$/.test(path),
);

test.for([...writtenPages, ...reference])(
  "/%s has nothing that axe objects to, in the light and in the dark",
  async (path) => {
    await visit(path);
    expect(await objections(page)).toEqual([]);
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
