import { conformanceChecks } from "@downhill/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../src/webgpu-backend.js";
import { type OpenPage, openPage } from "./browser.js";
import { gaps } from "./gaps.js";

// The checks run in the page, all at once; here each is a test by its name.
const names = conformanceChecks(() => Promise.reject<WebGpuBackend>(new Error("never opened")), { gaps }).map(
  ({ name }) => name,
);

describe("webgpu in Chromium computes what the reference interpreter computes", () => {
  let opened: OpenPage;
  let failures: Record<string, string>;

  beforeAll(async () => {
    opened = await openPage("conformance-page.ts");
    failures = await opened.page.evaluate(() =>
      (globalThis as unknown as { runConformance: () => Promise<Record<string, string>> }).runConformance(),
    );
  }, 600_000);

  afterAll(() => opened.close());

  for (const name of names) it(name, () => expect(failures[name]).toBeUndefined());
});
