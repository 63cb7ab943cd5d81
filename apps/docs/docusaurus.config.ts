import type { Config } from "@docusaurus/types";
import { workspaceSources } from "./plugins/workspace-sources.ts";

const repository = "https://github.com/downhill-js/downhill";

const config: Config = {
  title: "Downhill",
  tagline: "PyTorch's way of training models, in TypeScript, for the browser and Node.",
  url: "https://downhill-js.github.io",
  baseUrl: "/",
  trailingSlash: true,
  future: { v4: true, faster: true },
  onBrokenLinks: "throw",
  onBrokenAnchors: "throw",
  onDuplicateRoutes: "throw",
  markdown: { hooks: { onBrokenMarkdownLinks: "throw", onBrokenMarkdownImages: "throw" } },
  themes: [["@docusaurus/theme-classic", { customCss: "./src/css/site.css" }]],
  plugins: [
    [
      "@docusaurus/plugin-content-docs",
      { routeBasePath: "/", sidebarPath: "./sidebars.ts", editUrl: `${repository}/edit/main/apps/docs/` },
    ],
    "@docusaurus/plugin-content-pages",
    "@docusaurus/plugin-sitemap",
    workspaceSources,
  ],
  themeConfig: {
    navbar: {
      title: "Downhill",
      items: [
        { type: "docSidebar", sidebarId: "lesson", label: "Lesson" },
        { type: "docSidebar", sidebarId: "guides", label: "Guides" },
        { href: repository, label: "GitHub", position: "right" },
      ],
    },
    colorMode: { respectPrefersColorScheme: true },
  },
};

export default config;
