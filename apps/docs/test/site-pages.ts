import { readFileSync } from "node:fs";
import { join } from "node:path";

const sitemap = readFileSync(join(import.meta.dirname, "../dist/sitemap.xml"), "utf8");

/** The paths of all pages of the built site, without the leading slash, as its sitemap lists them. */
export const sitePages: readonly string[] = [...sitemap.matchAll(/<loc>https:\/\/[^/]+\/(.*?)<\/loc>/g)].map(
  ([, path = ""]) => path,
);

/** Those that somebody wrote. */
export const writtenPages: readonly string[] = sitePages.filter((path) => !path.startsWith("api/"));
