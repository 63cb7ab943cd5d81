/** Every chapter in a browser: its figures against their experiments in Node, its exercises, and what axe finds. */
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";
import { objections, openBrowser, sparing, watch } from "./browser.js";
import { betterWalkers } from "./lesson/better-walkers.js";
import type { Chapter } from "./lesson/chapter.js";
import { downInTheFog } from "./lesson/down-in-the-fog.js";
import { letAutogradDoIt } from "./lesson/let-autograd-do-it.js";
import { miniBatches } from "./lesson/mini-batches.js";
import { oneSampleAtATime } from "./lesson/one-sample-at-a-time.js";
import { theBatchThatFits } from "./lesson/the-batch-that-fits.js";
import { theGradientOfAnAverage } from "./lesson/the-gradient-of-an-average.js";
import { whatALossIs } from "./lesson/what-a-loss-is.js";

const chapters: readonly Chapter[] = [
  downInTheFog,
  whatALossIs,
  theGradientOfAnAverage,
  oneSampleAtATime,
  letAutogradDoIt,
  miniBatches,
  betterWalkers,
  theBatchThatFits,
];
const timeout = 120_000;

let site: SiteServer;
let browser: Browser;
beforeAll(async () => {
  [site, browser] = await Promise.all([serveSite(), openBrowser()]);
}, timeout);
afterAll(async () => {
  await browser.close();
  site.close();
});

/** A chapter in a tab of a context of its own; what it did wrong is added to `faults`. */
async function open(path: string): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await sparing(browser, { viewport: { width: 1280, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout / 2); // so that what did not come is named
  const faults = watch(page, site.address);
  await page.goto(`${site.address}lesson/${path}`);
  return { context, page, faults };
}

async function figureOn(page: Page, name: string): Promise<Locator> {
  const figure = page.locator(`[data-figure="${name}"]`);
  await figure.scrollIntoViewIfNeeded();
  await page.locator(`[data-figure="${name}"][aria-busy=false]`).waitFor();
  return figure;
}

const press = (within: Locator, name: string): Promise<void> =>
  within.getByRole("button", { name, exact: true }).click();

async function step(figure: Locator, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await press(figure, "Step");
  await figure.locator(".time output", { hasText: new RegExp(`^${count}$`) }).waitFor();
}

async function table(figure: Locator): Promise<string[][]> {
  await figure.getByRole("tab", { name: "Table" }).click();
  return figure
    .locator("tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("th, td")].map(({ textContent }) => textContent)),
    );
}

async function write(page: Page, within: Locator, code: string): Promise<void> {
  await within.getByRole("textbox").click();
  await within.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
}

describe.each(chapters)("$page", ({ page: path, figures, exercises }) => {
  describe.each(figures)("figure $name", ({ name, steps, rows }) => {
    let context: BrowserContext;
    let page: Page;
    let faults: string[];
    let figure: Locator;

    beforeAll(async () => {
      ({ context, page, faults } = await open(path));
      figure = await figureOn(page, name);
    }, timeout);
    afterAll(() => context.close());

    it("shows the numbers of its experiment, going on, back and to the start", { timeout }, async () => {
      await step(figure, steps);
      const all = await rows(steps);
      expect(await table(figure)).toEqual(all);
      await press(figure, "Back");
      expect(await table(figure)).toEqual(all.slice(0, -1));
      await press(figure, "Reset");
      // The first state is computed anew, while the table still shows the old ones.
      await expect.poll(() => table(figure), { timeout: timeout / 2 }).toEqual(all.slice(0, 1));
    });

    it("comes back from its address at the same step", { timeout }, async () => {
      await step(figure, 2);
      await page.waitForURL((url) => url.searchParams.get(`${name}.at`) === "2");
      const other = await context.newPage();
      const others = watch(other, site.address);
      await other.goto(page.url());
      // Its steps are computed anew, one after the other.
      const same = await figureOn(other, name);
      const expected = await rows(2);
      await expect.poll(() => table(same), { timeout: timeout / 2 }).toEqual(expected);
      expect(others).toEqual([]);
      await other.close();
      await page.bringToFront();
    });

    it("runs to its end at once where motion is unwanted", { timeout }, async () => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await press(figure, "Reset");
      await press(figure, "Run");
      await figure.getByRole("button", { name: "Run", exact: true }).waitFor();
      await expect
        .poll(async () => Number(await figure.locator(".time output").textContent()), { timeout: timeout / 2 })
        .toBeGreaterThanOrEqual(steps);
    });

    it(
      "marks the line where edited code fails, and has nothing that axe objects to, stepped or failed",
      { timeout },
      async () => {
        const within = `[data-figure="${name}"]`;
        await press(figure, "Reset"); // axe takes its time with each row of a table
        await step(figure, 2);
        expect(await objections(page, within)).toEqual([]);
        await figure.getByRole("tab", { name: "TypeScript" }).click();
        await write(page, figure, `export async function* experiment() {\n  throw new Error("on purpose");\n}`);
        await press(figure, "Run this code");
        await figure.locator(".story", { hasText: "on purpose" }).waitFor();
        expect(await figure.locator(".editor-fault").textContent()).toContain("throw new Error");
        expect(await objections(page, within)).toEqual([]);
      },
    );

    it("has logged no error meanwhile", () => {
      expect(faults).toEqual([]);
    });
  });

  if (exercises.length > 0)
    describe("exercises", () => {
      let context: BrowserContext;
      let page: Page;
      let faults: string[];

      beforeAll(async () => {
        ({ context, page, faults } = await open(path));
      }, timeout);
      afterAll(() => context.close());

      it.each(exercises)(
        "“$title” refuses what it starts with, helpfully, and accepts a right answer",
        { timeout },
        async ({ title, right }) => {
          const exercise = page.getByRole("region", { name: `Exercise: ${title}` });
          const verdict = exercise.getByRole("status");
          await press(exercise, "Check");
          await verdict.filter({ hasText: /^Not yet\. .{20}/ }).waitFor();
          await write(page, exercise, right);
          await press(exercise, "Check");
          await verdict.filter({ hasText: /^Right\./ }).waitFor();
        },
      );

      it("have logged no error meanwhile", () => {
        expect(faults).toEqual([]);
      });
    });
});
