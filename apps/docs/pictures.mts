// Draws each figure's picture for pages without scripts into static/figures: the states of its experiment, its drawings,
// as React renders them to text. Part of the build.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin, transform } from "esbuild";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { FigureDefinition, Panel } from "./src/figure/figure-definition.js";

type AnyFigure = FigureDefinition<unknown, Record<string, unknown>>;
type Drawn = Panel<unknown, Record<string, unknown>>;

const root = import.meta.dirname;
const cache = join(root, ".cache/pictures");

const rawText: Plugin = {
  name: "raw text",
  setup(bundler) {
    bundler.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?raw$/, "")),
      namespace: "raw",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "raw" }, async ({ path }) => ({
      contents: await readFile(path, "utf8"),
      loader: "text",
    }));
  },
};

/** Writes a module where it finds the packages of this one, and loads it. */
async function load(name: string, code: string): Promise<Record<string, unknown>> {
  const path = join(cache, `${name}.mjs`);
  await writeFile(path, code);
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

async function figures(): Promise<{ all: AnyFigure[]; size: Size }> {
  const files = globSync("src/lesson/*/*figure.tsx", { cwd: root }).sort();
  const { outputFiles } = await build({
    stdin: {
      contents: [...files, "src/figure/drawing/plot.tsx"].map((file) => `export * from "./${file}";`).join("\n"),
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    jsx: "automatic",
    plugins: [rawText],
    write: false,
  });
  const { panelSize, ...exported } = await load("figures", outputFiles[0]!.text);
  const isFigure = (value: unknown): value is AnyFigure =>
    typeof value === "object" && value !== null && "panels" in value;
  const all = Object.values(exported).filter(isFigure);
  // Two exports of one name cancel each other silently.
  if (all.length < files.length) throw new Error(`only ${all.length} figures in ${files.length} files: equal names?`);
  return { all, size: panelSize as Size };
}

async function statesOf({ name, experiment, pictureAt = 0 }: AnyFigure, settings: unknown): Promise<unknown[]> {
  const { code } = await transform(experiment, { loader: "ts" });
  const module = await load(`${name}-experiment`, code);
  const states: unknown[] = [];
  for await (const state of (module.experiment as (settings: unknown) => AsyncIterable<unknown>)(settings)) {
    states.push(state);
    if (states.length > pictureAt) break;
  }
  return states;
}

async function pictureOf(figure: AnyFigure, size: Size, style: string): Promise<string> {
  const settings = Object.fromEntries(Object.entries(figure.controls).map(([name, { start }]) => [name, start]));
  const states = await statesOf(figure, settings);
  const drawn = figure.panels.filter(({ inPicture = true }: Drawn) => inPicture);
  const parts = drawn.map(({ Drawing }, i) => {
    const props = { states, at: states.length - 1, settings, change: () => undefined };
    const svg = renderToStaticMarkup(createElement(Drawing, props), { identifierPrefix: `panel${i}` });
    return svg.replace("<svg ", `<svg x="${i * size.width}" width="${size.width}" height="${size.height}" `);
  });
  const width = drawn.length * size.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height}"><style>${style}</style>${parts.join("")}</svg>\n`;
}

await rm(cache, { recursive: true, force: true });
await mkdir(cache, { recursive: true });
await mkdir(join(root, "static/figures"), { recursive: true });
const style = await readFile(join(root, "src/figure/drawing/drawing.css"), "utf8");
const { all, size } = await figures();
for (const figure of all)
  await writeFile(join(root, `static/figures/${figure.name}.svg`), await pictureOf(figure, size, style));
process.exit(0); // an experiment that was left in the middle may hold timers
