/** The workers' module. */
import { serveDataset } from "../../src/index.js";
import { datasets, type Named } from "./served.js";

serveDataset(async ({ name }: Named) => {
  const dataset = datasets[name]!();
  if (name === "closes before it has a dataset") await new Promise(() => undefined);
  return dataset;
});
