import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite, type SiteServer } from "../server.mts";

let site: SiteServer;
beforeAll(async () => {
  site = await serveSite();
});
afterAll(() => site.close());

test.for(["", "lesson/", "guides/", "sitemap.xml"])("the site has /%s", async (path) => {
  expect((await fetch(site.address + path)).status).toBe(200);
});

test("what the site has not is answered by its own page, as missing", async () => {
  const response = await fetch(`${site.address}nowhere`);
  expect(response.status).toBe(404);
  expect(await response.text()).toContain("Page Not Found");
});

test("a taken port leaves the next one", async () => {
  const taken = Number(new URL(site.address).port);
  const next = await serveSite(taken);
  expect(Number(new URL(next.address).port)).toBeGreaterThan(taken);
  next.close();
});
