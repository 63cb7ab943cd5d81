import { cat, randperm, type Tensor } from "@downhill/core";
import { describe, expect, it } from "vitest";
import { check as checkBatches } from "../src/lesson/06-mini-batches/exercises/batches.check.js";
import { check as checkEpochLoss } from "../src/lesson/06-mini-batches/exercises/epoch-loss.check.js";
import { check as checkSorted } from "../src/lesson/06-mini-batches/exercises/sorted.check.js";
import { train } from "../src/lesson/06-mini-batches/exercises/sorted.start.js";
import { experiment as clock } from "../src/lesson/06-mini-batches/race.clock.js";
import {
  experiment as ledger,
  type Settings as LedgerSettings,
} from "../src/lesson/06-mini-batches/ledger.experiment.js";
import { experiment as noise, type Settings as NoiseSettings } from "../src/lesson/06-mini-batches/noise.experiment.js";
import { experiment as race, type Settings as RaceSettings } from "../src/lesson/06-mini-batches/race.experiment.js";
import { take } from "./take.js";

const everyone = Array.from({ length: 100 }, (_, i) => i);
const first = async <State>(experiment: AsyncIterable<State>): Promise<State> => (await take(experiment, 1))[0]!;
const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

describe("the batch ledger", () => {
  const settings: LedgerSettings = { seed: 0, batchSize: 10, shuffle: true, dropLast: false };
  const run = (change: Partial<LedgerSettings> = {}) => take(ledger({ ...settings, ...change }), 1000);

  it("is program 3: the losses and parameters that PyTorch prints", async () => {
    const states = await run();
    expect(states).toHaveLength(51);
    const printed = states.filter(({ missed }) => missed !== null).map(({ batchLoss }) => batchLoss.toFixed(4));
    expect(printed).toEqual(["5.2359", "4.3707", "2.4513", "2.5801", "1.1221"]);
    const { weight, bias, epochLoss } = states.at(-1)!;
    expect([weight, bias].map((value) => value.toFixed(4))).toEqual(["2.3795", "0.3564"]);
    // As pytorch.txt has it, and the chapter says.
    expect(epochLoss.toFixed(4)).toBe("3.3655");
    expect(states.at(-1)!.batches.at(-1)).toEqual([22, 88, 82, 56, 14, 3, 76, 42, 9, 51]);
  });

  it("tells who was in a batch: its loss and its update are those of these samples, by hand", async () => {
    const states = await run({ batchSize: 30 });
    const { points } = states[0]!;
    states.slice(1).forEach(({ batches, batchLoss, weight, bias }, i) => {
      const { weight: w, bias: b } = states[i]!;
      const batch = batches.at(-1)!.map((sample) => points![sample]!);
      const mean = (of: (x: number, residual: number) => number): number =>
        batch.reduce((sum, [x, y]) => sum + of(x, y - w * x - b), 0) / batch.length;
      expect(batchLoss / mean((_, residual) => residual ** 2)).toBeCloseTo(1, 5);
      expect(weight).toBeCloseTo(w + 0.01 * 2 * mean((x, residual) => residual * x), 4);
      expect(bias).toBeCloseTo(b + 0.01 * 2 * mean((_, residual) => residual), 4);
    });
  });

  it("has everyone once in each epoch, in another order each time, the short batch last", async () => {
    const ends = (await run({ batchSize: 30 })).filter(({ missed }) => missed !== null);
    expect(ends).toHaveLength(5);
    for (const { batches, missed } of ends) {
      expect(batches.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
      expect(ascending(batches.flat())).toEqual(everyone);
      expect(missed).toEqual([]);
    }
    expect(new Set(ends.map(({ batches }) => batches.flat().join())).size).toBe(5);
  });

  it("names those whom dropLast leaves out, others in each epoch; unshuffled always the same", async () => {
    const missedOf = async (change: Partial<LedgerSettings>): Promise<(readonly number[])[]> => {
      const ends = (await run({ batchSize: 30, dropLast: true, ...change })).filter(({ missed }) => missed !== null);
      for (const { batches, missed } of ends) expect(ascending([...batches.flat(), ...missed!])).toEqual(everyone);
      return ends.map(({ missed }) => missed!);
    };
    const shuffled = await missedOf({});
    expect(shuffled.map(({ length }) => length)).toEqual([10, 10, 10, 10, 10]);
    expect(new Set(shuffled.map((missed) => missed.join())).size).toBe(5);
    for (const missed of await missedOf({ shuffle: false })) expect(missed).toEqual(everyone.slice(90));
  });

  it("weighs the short batch by its size in the epoch's loss", async () => {
    const states = (await run({ batchSize: 30 })).slice(1, 5);
    const sum = states.reduce((sum, { batchLoss }, i) => sum + batchLoss * [30, 30, 30, 10][i]!, 0);
    expect(states[3]!.epochLoss).toBeCloseTo(sum / 100, 10);
  });
});

describe("the noise lab", () => {
  const settings: NoiseSettings = { seed: 0, batchSize: 10, walked: "10", replacement: false };
  const run = (count: number, change: Partial<NoiseSettings> = {}) => take(noise({ ...settings, ...change }), count);

  it("has each sample's gradient, 2 (ŷ - y) (x, 1), after ten updates with their mean", async () => {
    const { points, weight, bias } = await first(ledger({ seed: 0, batchSize: 100, shuffle: false, dropLast: false }));
    let [w, b] = [weight, bias];
    const gradients = () => points!.map(([x, y]) => [2 * (w * x + b - y) * x, 2 * (w * x + b - y)] as const);
    const mean = () =>
      [0, 1].map((i) => gradients().reduce((sum, g) => sum + g[i as 0 | 1], 0) / 100) as [number, number];
    for (let i = 0; i < 10; i++) {
      const [dw, db] = mean();
      [w, b] = [w - 0.01 * dw, b - 0.01 * db];
    }
    const { samples, full } = await first(noise({ ...settings }));
    samples!.flat().forEach((value, i) => expect(value).toBeCloseTo(gradients().flat()[i]!, 8));
    full.forEach((value, i) => expect(value).toBeCloseTo(mean()[i]!, 8));
  });

  it("expects exactly the average over all batches: every pair of samples, with and without replacement", async () => {
    const { samples, full, sizes, expected } = await first(noise({ ...settings }));
    const withReplacement = await first(noise({ ...settings, replacement: true }));
    const squared = (i: number, j: number): number =>
      [0, 1].reduce((sum, k) => {
        const [a, b, m] = [samples![i]![k as 0 | 1], samples![j]![k as 0 | 1], full[k as 0 | 1]];
        return sum + ((a + b) / 2 - m) ** 2;
      }, 0);
    const pairs = everyone.flatMap((i) => everyone.map((j) => [i, j] as const));
    const mean = (list: (readonly [number, number])[]): number =>
      list.reduce((sum, [i, j]) => sum + squared(i, j), 0) / list.length;
    const two = sizes.indexOf(2);
    expect(expected[two]! / mean(pairs.filter(([i, j]) => i !== j))).toBeCloseTo(1, 10);
    expect(withReplacement.expected[two]! / mean(pairs)).toBeCloseTo(1, 10);
  });

  it("falls as 1/B with replacement, and without it down to nothing for the batch of all", async () => {
    const { sizes, expected } = await first(noise({ ...settings }));
    const { expected: straight } = await first(noise({ ...settings, replacement: true }));
    sizes.forEach((B, i) => {
      expect(straight[i]! * B).toBeCloseTo(straight[0]!, 9);
      expect(expected[i]).toBeCloseTo((straight[i]! * (100 - B)) / 99, 9);
    });
    expect(expected.at(-1)).toBe(0);
  });

  it.each([false, true])("measures that, to the noise of 400 batches; replacement: %s", async (replacement) => {
    const { sizes, measured, expected } = (await run(401, { replacement })).at(-1)!;
    sizes.forEach((B, i) => {
      if (B === 100 && !replacement) return expect(measured[i]).toBeLessThan(1e-20);
      return expect(Math.abs(measured[i]! / expected[i]! - 1)).toBeLessThan(0.25);
    });
  });

  it("gives the angle between the batch's gradient and the full one, and adds the chosen batch size to the compared", async () => {
    const states = await run(20, { batchSize: 7 });
    expect(states[0]!.sizes).toContain(7);
    for (const { gradient, full, angle } of states.slice(1)) {
      const turn = Math.atan2(gradient![1], gradient![0]) - Math.atan2(full[1], full[0]);
      expect(Math.cos((angle * Math.PI) / 180)).toBeCloseTo(Math.cos(turn), 9);
    }
  });

  it("shows what the chapter says: at the start no single sample points uphill, after 1000 updates about half do", async () => {
    const uphill = async (walked: NoiseSettings["walked"]): Promise<number> => {
      const { samples, full } = await first(noise({ ...settings, walked }));
      return samples!.filter(([w, b]) => w * full[0] + b * full[1] < 0).length;
    };
    expect(await uphill("0")).toBe(0);
    expect(Math.abs((await uphill("1000")) - 50)).toBeLessThan(15);
  });
});

describe("the race", () => {
  const settings: RaceSettings = { seed: 0, rate: 0.006, batchSize: 10, count: "100", start: null };

  it("is what PyTorch prints for the same walkers", async () => {
    const states = await take(race(settings), 401);
    const above = (update: number): string[] => {
      const { full, batch, single } = states[update]!;
      return [full, batch, single].map(({ above }) => above.toFixed(4));
    };
    expect(above(0)).toEqual(["355.9943", "355.9943", "355.9943"]);
    expect(above(1)).toEqual(["130.8196", "105.2837", "45.1768"]);
    expect(above(400)).toEqual(["0.2493", "0.2574", "0.4898"]);
  });

  it("counts the samples seen, and starts where it is told", async () => {
    const states = await take(race({ ...settings, batchSize: 8, start: [1, 2] }), 14);
    const { full, batch, single } = states[13]!;
    // 100 is twelve batches of 8 and one of 4.
    expect([full.seen, batch.seen, single.seen]).toEqual([1300, 100, 13]);
    const start = states[0]!;
    for (const { place } of [start.full, start.batch, start.single]) expect(place).toEqual([1, 2]);
  });

  it("knows the edge of the full batch: just below it walks down, just above it flies apart", async () => {
    const { limits } = await first(race(settings));
    const height = async (rate: number): Promise<number> =>
      (await take(race({ ...settings, rate }), 601)).at(-1)!.full.above;
    expect(await height(limits.full * 0.98)).toBeLessThan(1);
    expect(await height(limits.full * 1.02)).toBeGreaterThan(1e4);
  });

  it("shows what the chapter says of a rate of 0.025: singles fly apart, batches shiver, the full batch is calm", async () => {
    const late = (await take(race({ ...settings, rate: 0.025 }), 1001)).slice(100);
    const highest = (name: "full" | "batch" | "single"): number => Math.max(...late.map((state) => state[name].above));
    expect(highest("single")).toBeGreaterThan(1e6);
    expect(highest("batch")).toBeGreaterThan(5);
    expect(highest("batch")).toBeLessThan(50);
    expect(highest("full")).toBeLessThan(1);
  });

  it("has a clock of its own that measures seconds for each of the three", async () => {
    for (const times of await take(clock({ count: "100", batchSize: 10 }), 2))
      for (const seconds of [times.full, times.batch, times.single]) {
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThan(1);
      }
  });
});

describe("the exercises", () => {
  it("tell each wrong iterator of batches what it does wrong", () => {
    const verdict = (batches: (order: readonly number[], size: number) => Iterable<unknown>): string =>
      checkBatches({ batches }).message;
    expect(
      verdict(function* (order, size) {
        for (let i = 0; i <= Math.floor(order.length / size); i++) yield order.slice(i * size, (i + 1) * size);
      }),
    ).toContain("one is empty");
    expect(
      verdict(function* (order, size) {
        for (let i = 0; i < Math.ceil(order.length / size); i++)
          yield Array.from({ length: size }, (_, j) => order[i * size + j]);
      }),
    ).toContain("holes");
    expect(
      verdict(function* (order, size) {
        for (let i = 0; i < order.length; i += size) yield order.slice(Math.min(i, order.length - size), i + size);
      }),
    ).toContain("twice");
  });

  it("tell the mean of means from the mean", async () => {
    const said = async (epochLoss: (batches: Iterable<Tensor>) => Promise<number>): Promise<string> =>
      (await checkEpochLoss({ epochLoss })).message;
    expect(await said(async (batches) => (await Promise.all([...batches].map((b) => b.mean().item()))).reduce((a, b, _, { length }) => a + b / length, 0))).toContain("mean of means"); // prettier-ignore
    expect(
      await said((batches) =>
        cat([...batches], 0)
          .sum()
          .item(),
      ),
    ).toContain("the sum");
  });

  it("see that x and y were shuffled apart", async () => {
    const apart = (X: Tensor, y: Tensor) => train(X.indexSelect(0, randperm(200)), y.indexSelect(0, randperm(200)));
    expect((await checkSorted({ train: apart })).message).toContain("its own label");
  });
});
