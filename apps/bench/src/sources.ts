/** Imports a file of core's sources: `routines/matmul.ts` and its like are in no door of the package. Needs no build. */
import { registerHooks } from "node:module";

const core = new URL("../../../packages/core/src/", import.meta.url).href;

// Node strips the types by itself; only the names of imports are those of JavaScript.
registerHooks({
  resolve: (specifier, context, next) =>
    next(context.parentURL?.startsWith(core) ? specifier.replace(/\.js$/, ".ts") : specifier, context),
});

export const source = (file: string): Promise<unknown> => import(core + file);
