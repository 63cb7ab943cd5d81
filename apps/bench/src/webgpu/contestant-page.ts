import type { Page } from "playwright-core";
import { DropOut, type Opened } from "../opened.ts";
import type { WorkName } from "../work/names.ts";
import type { BenchBrowser } from "./browser.ts";
import type { Bench } from "./page.ts";
import type { Traffic } from "./traffic.ts";

declare const bench: Bench; // in the page

/** Seconds that a library and its inputs may take to be there. */
const patience = 120;

/** A contestant at one work, in a page of its own. */
export class ContestantPage implements Opened {
  private readonly page: Page;

  static async open(browser: BenchBrowser, peer: string, work: WorkName): Promise<ContestantPage> {
    const opened = new ContestantPage(await browser.page());
    try {
      const why = await opened.ask(
        opened.page.evaluate(([peer, work]) => bench.open(peer, work), [peer, work] as const),
        patience,
      );
      if (why !== null) throw new DropOut(why);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  }

  private constructor(page: Page) {
    this.page = page;
  }

  check(seconds: number): Promise<{ numbers: readonly number[]; differs: string | undefined }> {
    return this.ask(
      this.page.evaluate(() => bench.check()),
      seconds,
    );
  }

  run(steps: number, limit: number): Promise<number> {
    return this.ask(
      this.page.evaluate((steps) => bench.run(steps), steps),
      limit,
    );
  }

  count(steps: number, limit: number): Promise<Traffic> {
    return this.ask(
      this.page.evaluate((steps) => bench.count(steps), steps),
      limit,
    );
  }

  close(): void {
    // The whole browser may be closing already.
    this.page
      .context()
      .close()
      .catch(() => undefined);
  }

  private async ask<Answer>(answer: Promise<Answer>, seconds: number): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new DropOut(`gave up after ${Math.round(seconds)} s`));
      }, seconds * 1000);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof DropOut) throw error;
      const [line = ""] = (error as Error).message.replace("page.evaluate: ", "").split("\n");
      throw new DropOut(`failed: ${line}`);
    } finally {
      clearTimeout(timer);
      answer.catch(() => undefined);
    }
  }
}
