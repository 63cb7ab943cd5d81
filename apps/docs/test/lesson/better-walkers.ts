import start from "../../src/lesson/07-better-walkers/exercises/high-rate.start.ts?raw";
import twice from "../../src/lesson/07-better-walkers/exercises/softmax-twice.start.ts?raw";
import { experiment as raceExperiment } from "../../src/lesson/07-better-walkers/race.experiment.js";
import { race } from "../../src/lesson/07-better-walkers/race-figure.js";
import { experiment as zooExperiment } from "../../src/lesson/07-better-walkers/zoo.experiment.js";
import { zoo } from "../../src/lesson/07-better-walkers/zoo-figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const betterWalkers: Chapter = {
  page: "better-walkers",
  figures: [figureCase(race, raceExperiment, { steps: 6 }), figureCase(zoo, zooExperiment, { steps: 6 })],
  exercises: [
    {
      title: "Momentum by hand",
      right: `
export function step({ place, velocity }, slope, rate, momentum) {
  const next = velocity.map((value, i) => momentum * value + slope[i]);
  return { place: place.map((value, i) => value - rate * next[i]), velocity: next };
}`,
    },
    { title: "A rate too high", right: start.replace("lr: 0.5", "lr: 0.01") },
    { title: "No optimizer helps", right: twice.replace(", new Softmax(1)", "") },
  ],
};
