/** A workers' module with a collation and a beginning of its own. */
import { type Dataset, serveDataset, type WorkerInfo } from "../../src/index.js";

const begun: WorkerInfo[] = [];
const dataset: Dataset<number> = { length: 23, get: (i) => i };

serveDataset(dataset, {
  workerInit: async (info) => {
    await Promise.resolve();
    begun.push(info);
  },
  collate: (samples) => ({
    samples,
    begun: begun.map(({ id, numWorkers, dataset: own }) => ({ id, numWorkers, same: own === dataset })),
  }),
});
