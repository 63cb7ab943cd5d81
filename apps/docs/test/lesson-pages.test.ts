/** Every chapter in a browser: its figures against their experiments in Node, its exercises, and what axe finds. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";
import { openBrowser, watch } from "./browser.js";
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

interface Look {
  readonly reducedMotion?: "reduce";
  readonly colorScheme?: "dark";
}

/** Does something with a page of its own, which may log no error meanwhile. */
async function on(path: string, look: Look, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...look });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  const faults = watch(page, site.address);
  await page.goto(`${site.address}lesson/${path}`);
  await use(page);
  expect(faults).toEqual([]);
  await context.close();
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
  const rows = await figure.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allTextContents()));
}

async function write(page: Page, within: Locator, code: string): Promise<void> {
  await within.getByRole("textbox").click();
  await within.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
}

/** What axe finds, a line for each. */
async function objections(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include("main").analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describe.each(chapters)("$page", ({ page: path, figures, exercises }) => {
  describe.each(figures)("figure $name", ({ name, steps, rows }) => {
    it("shows the numbers of its experiment, going on, back and to the start", { timeout }, () =>
      on(path, {}, async (page) => {
        const figure = await figureOn(page, name);
        await step(figure, steps);
        const all = await rows(steps);
        expect(await table(figure)).toEqual(all);
        await press(figure, "Back");
        expect(await table(figure)).toEqual(all.slice(0, -1));
        await press(figure, "Reset");
        // The first state is computed anew, while the table still shows the old ones.
        await expect.poll(() => table(figure), { timeout }).toEqual(all.slice(0, 1));
      }),
    );

    it("comes back from its address at the same step", { timeout }, () =>
      on(path, {}, async (page) => {
        await step(await figureOn(page, name), 2);
        await page.waitForURL((url) => url.searchParams.get(`${name}.at`) === "2");
        await page.waitForLoadState("networkidle"); // a request that is cut off would count as failed
        await page.reload();
        // Its steps are computed anew, one after the other.
        const figure = await figureOn(page, name);
        await expect.poll(() => table(figure), { timeout }).toEqual(await rows(2));
      }),
    );

    it("runs to its end at once where motion is unwanted", { timeout }, () =>
      on(path, { reducedMotion: "reduce" }, async (page) => {
        const figure = await figureOn(page, name);
        await press(figure, "Run");
        await figure.getByRole("button", { name: "Run", exact: true }).waitFor();
        await expect
          .poll(async () => Number(await figure.locator(".time output").textContent()), { timeout })
          .toBeGreaterThanOrEqual(steps);
      }),
    );

    it.each([{}, { colorScheme: "dark" as const }])(
      "marks the line where edited code fails, and has nothing that axe objects to, running or failed: %o",
      { timeout },
      (look) =>
        on(path, look, async (page) => {
          const figure = await figureOn(page, name);
          await press(figure, "Run");
          expect(await objections(page)).toEqual([]);
          await write(page, figure, `export async function* experiment() {\n  throw new Error("on purpose");\n}`);
          await press(figure, "Run this code");
          await figure.locator(".story", { hasText: "on purpose" }).waitFor();
          expect(await figure.locator(".editor-fault").textContent()).toContain("throw new Error");
          expect(await objections(page)).toEqual([]);
        }),
    );
  });

  it.each(exercises)(
    "exercise “$title” refuses what it starts with, helpfully, and accepts a right answer",
    { timeout },
    ({ title, right }) =>
      on(path, {}, async (page) => {
        const exercise = page.getByRole("region", { name: `Exercise: ${title}` });
        const verdict = exercise.getByRole("status");
        await press(exercise, "Check");
        await verdict.filter({ hasText: /^Not yet\. .{20}/ }).waitFor();
        await write(page, exercise, right);
        await press(exercise, "Check");
        await verdict.filter({ hasText: /^Right\./ }).waitFor();
      }),
  );
});
