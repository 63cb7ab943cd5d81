import type { Plugin } from "@docusaurus/types";

/**
 * Lets pages import what else is in the workspace: TypeScript by the name that its JavaScript would have
 * (`./figure.js` is figure.tsx), and any file as text (`import program from "./experiment.ts?raw"`).
 */
export function workspaceSources(): Plugin {
  return {
    name: "workspace-sources",
    configureWebpack(config) {
      // A raw file is not to be compiled as well.
      for (const rule of config.module?.rules ?? []) {
        if (typeof rule === "object" && rule !== null) rule.resourceQuery ??= { not: [raw] };
      }
      return {
        resolve: { extensionAlias: { ".js": [".js", ".ts", ".tsx"] } },
        module: { rules: [{ resourceQuery: raw, type: "asset/source" }] },
      };
    },
  };
}

const raw = /^\?raw$/;
