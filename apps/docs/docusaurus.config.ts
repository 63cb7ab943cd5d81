import { existsSync } from "node:fs";
import type { Config } from "@docusaurus/types";
import { namedChunks } from "./plugins/named-chunks.ts";
import { ownHighlighter } from "./plugins/own-highlighter.ts";
import { plainMarkdown } from "./plugins/plain-markdown.ts";
import { workspaceSources } from "./plugins/workspace-sources.ts";

const repository = "https://github.com/downhill-js/downhill";

// `npm run version-packages` keeps the site of each release, below its version's name.
const versions = { lastVersion: "current", versions: { current: { label: "Current" } } };

const config: Config = {
  title: "Downhill",
  tagline: "PyTorch's way of training models, in TypeScript, for the browser and Node.",
  favicon: "img/logo.svg",
  url: "https://downhill-js.github.io",
  baseUrl: "/",
  trailingSlash: true,
  future: { v4: true, faster: true },
  staticDirectories: ["static", "../playground/dist"], // the playground is at /playground/
  onBrokenLinks: "throw",
  onBrokenAnchors: "throw",
  onDuplicateRoutes: "throw",
  markdown: {
    format: "detect", // .md is Markdown, .mdx is MDX
    hooks: { onBrokenMarkdownLinks: "throw", onBrokenMarkdownImages: "throw" },
  },
  themes: [
    ["@docusaurus/theme-classic", { customCss: "./src/css/site.css" }],
    [
      "@easyops-cn/docusaurus-search-local",
      {
        hashed: true,
        indexBlog: false,
        indexPages: false,
        docsRouteBasePath: ["/", "/api"],
        docsDir: ["docs", "api"],
        docsPluginIdForPreferredVersion: "default",
        searchBarShortcutHint: false,
        highlightSearchTermsOnTargetPage: false, // 6 kB in every page
      },
    ],
  ],
  plugins: [
    [
      "@docusaurus/plugin-content-docs",
      { routeBasePath: "/", sidebarPath: "./sidebars.ts", ...versions, editUrl: `${repository}/edit/main/apps/docs/` },
    ],
    // By itself, so that the other pages do not load its long list.
    [
      "./plugins/reference-docs.ts",
      { id: "api", path: "api", routeBasePath: "/api", sidebarPath: "./sidebars-api.ts", ...versions },
    ],
    "@docusaurus/plugin-content-pages",
    "@docusaurus/plugin-sitemap",
    plainMarkdown,
    ownHighlighter,
    namedChunks,
    workspaceSources,
  ],
  themeConfig: {
    navbar: {
      title: "Downhill",
      logo: { alt: "", src: "img/logo.svg", width: 28, height: 28 },
      items: [
        { type: "docSidebar", sidebarId: "lesson", label: "Lesson" },
        { type: "docSidebar", sidebarId: "guides", label: "Guides" },
        { type: "docSidebar", docsPluginId: "api", sidebarId: "api", label: "API" },
        { href: "pathname:///playground/", label: "Playground", target: "_self" },
        ...(existsSync("versions.json") ? [{ type: "docsVersionDropdown", position: "right" }] : []),
        { href: repository, label: "GitHub", position: "right" },
      ],
    },
    footer: {
      links: [
        { label: "Lesson", to: "/lesson" },
        { label: "Guides", to: "/guides" },
        { label: "API", to: "/api" },
        { label: "Changelog", to: "/guides/changelog" },
        { label: "llms.txt", href: "https://downhill-js.github.io/llms.txt" },
        { label: "Source", href: repository },
      ],
      copyright: "MIT licensed. No cookies, no requests to anybody else.",
    },
    colorMode: { respectPrefersColorScheme: true },
  },
};

export default config;
