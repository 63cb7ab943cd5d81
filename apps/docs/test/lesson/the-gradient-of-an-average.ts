import { experiment as edgeExperiment } from "../../src/lesson/03-the-gradient-of-an-average/edge.experiment.js";
import { edge } from "../../src/lesson/03-the-gradient-of-an-average/edge-figure.js";
import { experiment } from "../../src/lesson/03-the-gradient-of-an-average/experiment.js";
import { average } from "../../src/lesson/03-the-gradient-of-an-average/figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const theGradientOfAnAverage: Chapter = {
  page: "the-gradient-of-an-average",
  figures: [figureCase(average, experiment), figureCase(edge, edgeExperiment)],
  exercises: [
    {
      title: "The gradient of all, by hand",
      right: `
export function gradient(w: number, b: number, xs: number[], ys: number[]): number[] {
  const residuals = xs.map((x, i) => ys[i]! - (w * x + b));
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean(residuals.map((r, i) => -2 * r * xs[i]!)), mean(residuals.map((r) => -2 * r))];
}`,
    },
    {
      title: "The largest rate for a line",
      right: `
import { linalg, tensor } from "@downhill/core";
const largest = await linalg.eigvalsh(tensor([[15, 5], [5, 2]])).at(1).item();
export const rate = 0.999 * 2 / largest;`,
    },
    {
      title: "A loss that lies",
      right: `
import type { Tensor } from "@downhill/core";
export const loss = (predictions: Tensor, targets: Tensor): Tensor => targets.unsqueeze(1).sub(predictions).square().mean();`,
    },
  ],
};
