import divide from "../../src/lesson/08-the-batch-that-fits/exercises/divide.start.ts?raw";
import largest from "../../src/lesson/08-the-batch-that-fits/exercises/largest.start.ts?raw";
import shortPart from "../../src/lesson/08-the-batch-that-fits/exercises/short-part.start.ts?raw";
import { experiment as accumulateExperiment } from "../../src/lesson/08-the-batch-that-fits/accumulate.experiment.js";
import { accumulate } from "../../src/lesson/08-the-batch-that-fits/accumulate-figure.js";
import { experiment as fitExperiment } from "../../src/lesson/08-the-batch-that-fits/fit.experiment.js";
import { fit } from "../../src/lesson/08-the-batch-that-fits/fit-figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const theBatchThatFits: Chapter = {
  page: "the-batch-that-fits",
  figures: [figureCase(fit, fitExperiment, { steps: 4 }), figureCase(accumulate, accumulateExperiment)],
  exercises: [
    { title: "A step too long", right: divide.replace("loss.backward()", "loss.div(parts).backward()") },
    {
      title: "The last part is shorter",
      right: shortPart.replace("loss.div(parts)", "loss.mul(length / count)"),
    },
    {
      title: "How many fit?",
      right: largest
        .replace("import type { Tensor }", "import { largestBatch, type Tensor }")
        .replace("size = 256", 'size = largestBatch(step, [[64], { shape: [], dtype: "int32" }], { budget: 2 ** 23 })'),
    },
  ],
};
