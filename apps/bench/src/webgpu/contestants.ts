import { type Contestant, inNode } from "../contestants.ts";
import { environment } from "./adapter.ts";
import { BenchBrowser } from "./browser.ts";
import { ContestantPage } from "./contestant-page.ts";

let browser: Promise<BenchBrowser> | undefined;

/** Chromium, opened when it is first asked for. */
export const openBrowser = (): Promise<BenchBrowser> => (browser ??= BenchBrowser.open());

/** Ends Chromium, if it was opened. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

const inPage = (key: string, name: string): Contestant => ({
  key,
  name,
  open: async (work) => ContestantPage.open(await openBrowser(), key, work),
});

/** Those who work on WebGPU in one browser. */
export const inBrowser: readonly Contestant[] = [
  inPage("downhill", "Downhill"),
  inPage("jax", "jax-js"),
  inPage("tfjs", "tfjs webgpu"),
];

/** Downhill on WebGPU in Node, through Dawn. */
export const throughDawn: readonly Contestant[] = [inNode("downhill-node", "Downhill in Node", environment())];
