import { describe, expect, it } from "vitest";
import {
  experiment as edgeExperiment,
  type State as EdgeState,
} from "../src/lesson/03-the-gradient-of-an-average/edge.experiment.js";
import { experiment, type Settings, type State } from "../src/lesson/03-the-gradient-of-an-average/experiment.js";
import { take } from "./take.js";

const settings: Settings = { seed: 0, rate: 0.01, start: [0, 0], combine: "mean" };

/** The examples, from two gradients of a state: -2 x r and -2 r, with r = y - (w x + b). */
function examplesOf({ place: [w, b], gradients }: State): { x: number; y: number }[] {
  return gradients.map(([alongW, alongB]) => {
    const x = alongW / alongB;
    return { x, y: alongB / -2 + w * x + b };
  });
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The Hessian's eigenvalues: 2 [[mean x², mean x], [mean x, 1]] has trace t and determinant d. */
function curvatures(xs: readonly number[]): { low: number; high: number } {
  const [m1, m2] = [mean(xs), mean(xs.map((x) => x * x))];
  const [trace, determinant] = [2 * m2 + 2, 4 * (m2 - m1 ** 2)];
  const root = Math.sqrt(trace ** 2 / 4 - determinant);
  return { low: trace / 2 - root, high: trace / 2 + root };
}

describe("the descent on an average", () => {
  it("goes along the mean of all examples' gradients, as written by hand", async () => {
    const states = await take(experiment(settings), 200);
    const examples = examplesOf(states[0]!);
    let [w, b] = [0, 0];
    for (const { place, loss, gradients, gradient } of states) {
      const residuals = examples.map(({ x, y }) => y - (w * x + b));
      const alongW = mean(residuals.map((r, i) => -2 * r * examples[i]!.x));
      const alongB = mean(residuals.map((r) => -2 * r));
      expect(place[0]).toBeCloseTo(w, 9);
      expect(place[1]).toBeCloseTo(b, 9);
      expect(loss).toBeCloseTo(mean(residuals.map((r) => r * r)), 8);
      expect(gradient[0]).toBeCloseTo(alongW, 8);
      expect(gradient[1]).toBeCloseTo(alongB, 8);
      expect(gradients[7]![1]).toBeCloseTo(-2 * residuals[7]!, 8);
      [w, b] = [w - 0.01 * alongW, b - 0.01 * alongB];
    }
  });

  it("has the examples of the lesson's second program", async () => {
    const [first] = await take(experiment(settings), 1);
    // Which PyTorch prints as X [4.962565898895264, 7.682218074798584], y [10.311809539794922, 16.6679630279541].
    const [one, two] = examplesOf(first!) as [{ x: number; y: number }, { x: number; y: number }];
    expect(one.x).toBeCloseTo(4.962565898895264, 9);
    expect(two.x).toBeCloseTo(7.682218074798584, 9);
    expect(one.y).toBeCloseTo(10.311809539794922, 9);
    expect(two.y).toBeCloseTo(16.6679630279541, 9);
    expect(first!.gradients).toHaveLength(100);
  });

  it("knows the edge, 2 / λmax, for the mean and for the sum, which has a hundredth of it", async () => {
    const [first] = await take(experiment(settings), 1);
    const { high } = curvatures(examplesOf(first!).map(({ x }) => x));
    expect(first!.edge).toBeCloseTo(2 / high, 9);
    expect(first!.edge.toFixed(4)).toBe("0.0301"); // as the page says
    const [sum] = await take(experiment({ ...settings, combine: "sum" }), 1);
    expect(sum!.edge).toBeCloseTo(2 / high / 100, 9);
    expect(sum!.gradient[0]).toBeCloseTo(100 * first!.gradient[0], 8);
  });

  it.each(["mean", "sum"] as const)("settles below the edge and flies apart above it: %s", async (combine) => {
    const [first] = await take(experiment({ ...settings, combine }), 1);
    const end = async (part: number): Promise<State> =>
      (await take(experiment({ ...settings, combine, rate: part * first!.edge }), 1001)).at(-1)!;
    const below = await end(0.99);
    expect(below.place[0]).toBeCloseTo(below.best[0], 3);
    expect(below.place[1]).toBeCloseTo(below.best[1], 3);
    expect((await end(1.02)).loss).toBeGreaterThan(1e9);
  });

  it("ends where the arrows cancel and are not nothing", async () => {
    const { place, best, gradients, gradient } = (await take(experiment({ ...settings, rate: 0.028 }), 1000)).at(-1)!;
    expect(Math.hypot(place[0] - best[0], place[1] - best[1])).toBeLessThan(1e-5);
    expect(Math.hypot(...gradient)).toBeLessThan(1e-5);
    expect(mean(gradients.map(([w]) => Math.abs(w)))).toBeGreaterThan(5);
  });

  it("brings the map with its first state, rows of b from the lowest, columns of w", async () => {
    const [first, second] = (await take(experiment(settings), 2)) as [State, State];
    const at = (w: number, b: number): number => mean(examplesOf(first).map(({ x, y }) => (y - w * x - b) ** 2));
    expect(first.land![0]![0]).toBeCloseTo(at(-1, -4), 8);
    expect(first.land![60]![30]).toBeCloseTo(at(2, 8), 8);
    expect(first.loss).toBeCloseTo(at(0, 0), 8);
    expect(second.land).toBeNull();
  });

  it("has other examples from another seed, with an edge near 0.03", async () => {
    const edges = await Promise.all(
      [1, 2, 3, 4, 5].map(async (seed) => (await take(experiment({ ...settings, seed }), 1))[0]!.edge),
    );
    expect(new Set(edges).size).toBe(5);
    for (const edge of edges) expect(Math.abs(edge - 0.03)).toBeLessThan(0.006);
  });
});

describe("the descent along the valley's axes", () => {
  it("multiplies each distance by 1 - rate · curvature, whichever rate", async () => {
    for (const rate of [0.01, 0.028, 0.032]) {
      const states = await take(edgeExperiment({ seed: 0, rate }), 60);
      const { away, curvatures, factors } = states[0]!;
      expect(factors).toEqual([1 - rate * curvatures[0], 1 - rate * curvatures[1]]);
      for (const [step, state] of states.entries())
        for (const axis of [0, 1] as const)
          expect(Math.abs(state.away[axis] - away[axis] * factors[axis] ** step)).toBeLessThan(
            1e-9 * states.length * 10,
          );
    }
  });

  it("is the same descent: the excess is the other's loss above the least", async () => {
    const [walk, valley] = await Promise.all([
      take(experiment(settings), 1001),
      take(edgeExperiment({ seed: 0, rate: 0.01 }), 20),
    ]);
    const { best } = walk[0]!;
    const least = mean(examplesOf(walk[0]!).map(({ x, y }) => (y - best[0] * x - best[1]) ** 2));
    for (const [step, { away, excess }] of valley.entries()) {
      expect(excess).toBeCloseTo(walk[step]!.loss - least, 8);
      expect(Math.hypot(...away)).toBeCloseTo(
        Math.hypot(walk[step]!.place[0] - best[0], walk[step]!.place[1] - best[1]),
        9,
      );
    }
  });

  it("has the curvatures, the condition number and the edge that the page says", async () => {
    const [walk] = await take(experiment(settings), 1);
    const [{ curvatures: found, condition, edge }] = (await take(edgeExperiment({ seed: 0, rate: 0.01 }), 1)) as [
      EdgeState,
    ];
    const { low, high } = curvatures(examplesOf(walk!).map(({ x }) => x));
    expect(found[0]).toBeCloseTo(low, 8);
    expect(found[1]).toBeCloseTo(high, 8);
    expect(condition).toBeCloseTo(high / low, 6);
    expect([found[1].toFixed(1), found[0].toFixed(3), condition.toFixed(0), edge.toFixed(4)]).toEqual([
      "66.4",
      "0.518",
      "128",
      "0.0301",
    ]);
    // At the best rate both factors are as large, 2 / (λmax + λmin): a step takes off one and a half percent.
    expect(((high - low) / (high + low)).toFixed(4)).toBe("0.9845");
  });
});
