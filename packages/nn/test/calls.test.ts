import { describe, expect, test } from "vitest";
import { called, type Called, label, replayFunction, replayModule, rowsOf } from "./calls.js";

describe("layers with a state, and their functional forms, give PyTorch's results, gradients, weights and print", () => {
  for (const [name, least] of Object.entries(called) as [Called, number][]) {
    test(`${name} has its rows`, () => {
      expect(rowsOf(name).length).toBeGreaterThanOrEqual(least);
    });
    test.each(rowsOf(name).map((row) => [label(row), row] as const))("%s", (_, row) =>
      row.create === undefined ? replayFunction(row) : replayModule(row),
    );
  }
});
