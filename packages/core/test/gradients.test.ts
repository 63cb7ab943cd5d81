import { gradcheck, gradgradcheck, type Tensor } from "@downhill/core";
import { allCases, caseInputs, drawCase, Draws, dtypesOf, seedOf } from "@downhill/core/testing";
import { describe, expect, test } from "vitest";

/** A case's inputs in float64, the same at each run. */
const inputsOf = ({ name, row }: (typeof allCases)[number]): Tensor[] =>
  caseInputs(row, "float64", drawCase(row, "float64", new Draws(seedOf(name))), { requiresGrad: true });

const floats = allCases.filter(({ row }) => dtypesOf(row).includes("float64"));
const differentiable = floats.filter(({ row }) => row.differentiable !== false);
const rest = floats.filter(({ row }) => row.differentiable === false);

describe("gradients are the slopes of the function, and theirs of them", () => {
  for (const named of differentiable) {
    test(`${named.family}: ${named.name}`, async () => {
      const inputs = inputsOf(named);
      await gradcheck(named.row.run, inputs);
      await gradgradcheck(named.row.run, inputs);
    });
  }
});

describe("has no gradient, as the table says", () => {
  for (const named of rest) {
    test(`${named.family}: ${named.name}`, () => {
      const inputs = inputsOf(named);
      const outputs = [named.row.run(...inputs)].flat();
      expect(outputs.map((output) => output.requiresGrad)).toEqual(outputs.map(() => false));
    });
  }
});
