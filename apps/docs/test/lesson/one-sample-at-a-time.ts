import { experiment } from "../../src/lesson/04-one-sample-at-a-time/experiment.js";
import { stagger } from "../../src/lesson/04-one-sample-at-a-time/figure.js";
import { experiment as orderExperiment } from "../../src/lesson/04-one-sample-at-a-time/order.experiment.js";
import { order } from "../../src/lesson/04-one-sample-at-a-time/order-figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const oneSampleAtATime: Chapter = {
  page: "one-sample-at-a-time",
  figures: [figureCase(stagger, experiment, { steps: 6 }), figureCase(order, orderExperiment)],
  exercises: [
    {
      title: "One update by hand",
      right: `
export function update(w: number, b: number, x: number, y: number, rate: number): number[] {
  const error = y - (w * x + b);
  return [w + rate * 2 * x * error, b + rate * 2 * error];
}`,
    },
    {
      title: "Count the uphill",
      right: `
export function uphill(w: number, b: number, xs: number[], ys: number[]): number {
  const gradients = xs.map((x, i) => [-2 * x * (ys[i]! - (w * x + b)), -2 * (ys[i]! - (w * x + b))] as const);
  const mean = [0, 1].map((k) => gradients.reduce((sum, slope) => sum + slope[k]!, 0) / xs.length);
  return gradients.filter(([alongW, alongB]) => alongW * mean[0]! + alongB * mean[1]! < 0).length;
}`,
    },
    {
      title: "A sorted file",
      right: `
import { randperm } from "@downhill/core";
export const order = (epoch: number, n: number) => randperm(n).tolist();`,
    },
  ],
};
