import { expect, it } from "vitest";

type Script = () => Promise<{ readonly accuracy: number }>;

// Whole programs, as their users would write them, that have learned at their end what they should. Each trains for some
// seconds; `node tools/test/scripts/digits.ts` runs one alone, on the built packages.
it.each<[string, number, Script]>([
  ["an MLP tells spirals apart", 0.99, () => import("./scripts/spirals.ts")],
  [
    "a CNN reads digits that are bent further than those it has learned from",
    0.97,
    () => import("./scripts/digits.ts"),
  ],
  ["an LSTM says again what it has read", 0.99, () => import("./scripts/copy-task.ts")],
  ["a transformer sorts", 0.99, () => import("./scripts/sorting.ts")],
])("%s, right in %f", { timeout: 120_000 }, async (_, least, train) => {
  const { accuracy } = await train();
  expect(accuracy).toBeGreaterThanOrEqual(least);
});
