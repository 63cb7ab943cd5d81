import { join } from "node:path";
import type { LoadContext, Plugin } from "@docusaurus/types";

/** Keeps the theme's highlighter (26 kB) out of the pages: theme/CodeBlock has Prism colour code while the site is built. */
export function ownHighlighter({ siteDir }: LoadContext): Plugin {
  return {
    name: "own-highlighter",
    configureWebpack: () => ({
      resolve: { alias: { "prism-react-renderer$": join(siteDir, "src/code/no-prism.ts") } },
    }),
  };
}
