import { experiment } from "../../src/lesson/01-down-in-the-fog/experiment.js";
import { fog } from "../../src/lesson/01-down-in-the-fog/figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const downInTheFog: Chapter = {
  page: "down-in-the-fog",
  figures: [figureCase(fog, experiment, { steps: 6 })],
  exercises: [
    {
      title: "The slope by hand",
      right: `export const slope = (x: number, y: number): number[] => [2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)];`,
    },
    { title: "The largest rate", right: `export const rate = 0.0498;` },
    {
      title: "A walker who gets lost",
      right: `
import { grad, tensor } from "@downhill/core";
export async function descend() {
  let place = tensor([0, 2], { requiresGrad: true });
  for (let step = 0; step < 100; step++) {
    const height = place.at(0).sub(3).square().add(place.at(1).square());
    place = place.detach().sub(grad(height, [place])[0]!.mul(0.1)).requiresGrad_();
  }
  return place.tolist();
}`,
    },
  ],
};
