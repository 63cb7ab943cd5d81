import { experiment } from "../../src/lesson/02-what-a-loss-is/experiment.js";
import { loss } from "../../src/lesson/02-what-a-loss-is/figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const whatALossIs: Chapter = {
  page: "what-a-loss-is",
  figures: [figureCase(loss, experiment, { steps: 8 })],
  exercises: [
    {
      title: "Mean squared error",
      right: `
import type { Tensor } from "@downhill/core";
export const loss = (predictions: Tensor, targets: Tensor): Tensor => targets.sub(predictions).square().mean();`,
    },
    { title: "A line by hand", right: `export const w = 2.5;\nexport const b = 2;` },
  ],
};
