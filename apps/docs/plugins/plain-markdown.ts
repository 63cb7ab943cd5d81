import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LoadContext, Plugin } from "@docusaurus/types";

interface Doc {
  readonly permalink: string;
  readonly title: string;
  readonly description: string;
  readonly source: string;
}

interface DocsContent {
  readonly loadedVersions: readonly { readonly docs: readonly Doc[] }[];
}

/**
 * Puts plain Markdown beside each page (`/guides/memory.md` beside `/guides/memory/`) and an index of it, `llms.txt`, for
 * those who read without a browser. See https://llmstxt.org.
 */
export function plainMarkdown({ siteDir, siteConfig }: LoadContext): Plugin {
  let docs: readonly Doc[] = [];
  return {
    name: "plain-markdown",
    async allContentLoaded({ allContent }) {
      const contents = Object.values(allContent["docusaurus-plugin-content-docs"] ?? {}) as readonly DocsContent[];
      docs = contents.flatMap(({ loadedVersions }) => loadedVersions[0]?.docs ?? []);
    },
    async postBuild({ outDir }) {
      await Promise.all(
        docs.map(async ({ permalink, title, source }) => {
          const file = join(outDir, plainPath(permalink));
          await mkdir(dirname(file), { recursive: true });
          const text = await readFile(source.replace(/^@site/, siteDir), "utf8");
          await writeFile(file, `# ${title}\n\n${plainText(text)}`);
        }),
      );
      await writeFile(join(outDir, "llms.txt"), index(siteConfig.title, siteConfig.tagline, siteConfig.url, docs));
    },
  };
}

const plainPath = (permalink: string): string => `${permalink.replace(/\/$/, "")}.md`;

/** A page's source without what only the site understands: front matter, imports, components. */
function plainText(source: string): string {
  const [, body = ""] = /^---\n.*?^---\n(.*)$/ms.exec(source) ?? ["", source];
  // What is in code blocks stays as it is.
  return body
    .split(/^(```.*?^```$)/ms)
    .map((part) =>
      part.startsWith("```")
        ? part
        : part
            .replaceAll(/^import .*\n/gm, "")
            .replaceAll(/^<\/?[A-Z][^>]*>$\n?/gms, "")
            .replaceAll(/\]\(\.\/([\w-]+)\.mdx?/g, "](./$1.md"),
    )
    .join("")
    .trimStart();
}

function index(name: string, tagline: string, url: string, docs: readonly Doc[]): string {
  const section = (title: string, prefix: string, skip = /^$/): string => {
    const list = docs
      .filter(({ permalink }) => permalink.startsWith(prefix) && !skip.test(permalink))
      .sort((a, b) => a.permalink.localeCompare(b.permalink))
      .map((doc) => `- [${doc.title}](${url}${plainPath(doc.permalink)}): ${doc.description}`);
    return `## ${title}\n\n${list.join("\n")}\n`;
  };
  const internals = /^\/api\/core\/(engine|testing)\/./;
  return [
    `# ${name}\n\n> ${tagline}\n`,
    section("Guides", "/guides"),
    section("Lesson", "/lesson"),
    section("API reference", "/api", internals),
  ].join("\n");
}
