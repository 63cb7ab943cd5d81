/** The workers' module. */
import { serveDataset } from "../../src/index.js";
import { datasets, type Named } from "./served.js";

serveDataset(async ({ name }: Named) => datasets[name]!());
