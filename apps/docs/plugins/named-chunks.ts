import type { Plugin } from "@docusaurus/types";

/**
 * Chunks by their names. Docusaurus names a page's chunk and has a number as well, and every page loads a table from the
 * numbers to the names, of all pages.
 */
export function namedChunks(): Plugin {
  return {
    name: "named-chunks",
    configureWebpack: () => ({ optimization: { chunkIds: "named" } }),
  };
}
