/**
 * Prints how long each figure keeps its page's main thread busy per picture while it runs, in ms: `node frames.mts` (site built).
 * The aim is 8. What the worker does is not in it.
 */
import { chromium, type Page } from "playwright-core";
import { serveSite } from "./server.mts";

const seconds = 3;
const site = await serveSite();
const browser = await chromium.launch({
  executablePath: process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const chapters = (await (await fetch(`${site.address}sitemap.xml`)).text()).matchAll(/\/(lesson\/[\w-]+\/)</g);
for (const [, path = ""] of chapters) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  await page.goto(site.address + path);
  const names = await page.locator("[data-figure]").evaluateAll((all) => all.map((it) => it.dataset.figure!));
  for (const name of names) console.log(`${path}${name}: ${(await busyPerFrame(page, name)).toFixed(2)}`);
  await page.close();
}
await browser.close();
site.close();

async function busyPerFrame(page: Page, name: string): Promise<number> {
  const figure = page.locator(`[data-figure="${name}"]`);
  await figure.scrollIntoViewIfNeeded();
  await page.locator(`[data-figure="${name}"][aria-busy=false]`).waitFor();
  const worked = await workedSoFar(page);
  await figure.getByRole("button", { name: "Run", exact: true }).click();
  const before = await worked();
  const frames = await page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const end = performance.now() + ms;
        let count = 0;
        const next = (now: number): void => {
          count++;
          if (now < end) requestAnimationFrame(next);
          else resolve(count);
        };
        requestAnimationFrame(next);
      }),
    1000 * seconds,
  );
  const busy = (await worked()) - before;
  await figure.getByRole("button", { name: "Reset", exact: true }).click();
  return (1000 * busy) / frames;
}

/** Gives a function that tells for how many seconds the main thread has worked so far: its own time, whatever else runs. */
async function workedSoFar(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
  };
}
