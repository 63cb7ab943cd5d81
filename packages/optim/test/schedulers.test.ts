import { type Tensor, tensor, ValueError } from "@downhill/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as optim from "../src/index.js";
import { schedulers, type SchedulerName } from "./battery.js";
import { readFixture } from "./problem.js";

const { Adam, cosine, CosineAnnealingLR, LambdaLR, SGD, StepLR, stepDecay, warmup } = optim;

afterEach(() => vi.restoreAllMocks());

const leaf = (): Tensor => tensor([1], { requiresGrad: true });

type AnyOptimizer = optim.Optimizer<{ lr: number }>;

const groupsOf = (lrs: readonly number[]): { params: Tensor[]; lr: number }[] =>
  lrs.map((lr) => ({ params: [leaf()], lr }));
const optimizerOf = (...lrs: readonly number[]): AnyOptimizer => new SGD(groupsOf(lrs));
const ratesOf = (optimizer: optim.OptimizerBase<{ lr: number }>): number[] => optimizer.paramGroups.map(({ lr }) => lr);

/** The rates after each of `count` steps, the first one made by the scheduler's constructor. */
function follow(scheduler: optim.LRScheduler, count: number): number[] {
  const rates = [scheduler.getLastLr()[0]!];
  while (rates.length < count) {
    scheduler.optimizer.step();
    scheduler.step();
    rates.push(scheduler.getLastLr()[0]!);
  }
  return rates;
}

test("the battery has a row for each scheduler that the package exports", () => {
  const exported = Object.entries(optim as Record<string, unknown>).filter(
    ([name, value]) =>
      name !== "LRScheduler" && typeof value === "function" && value.prototype instanceof optim.LRScheduler,
  );
  expect(exported.map(([name]) => name).sort()).toEqual(Object.keys(schedulers).sort());
});

describe("schedulers set PyTorch's rates", () => {
  interface Case {
    readonly name: string;
    readonly lrs: readonly number[];
    readonly schedulers: readonly { kind: SchedulerName; options: object }[];
    readonly lastEpoch: number;
    readonly initialLrs: readonly number[] | null;
    readonly hand: Readonly<Record<string, readonly [group: number, lr: number]>>;
    readonly join: Readonly<Record<string, number>>;
    readonly rates: readonly (readonly number[])[];
    readonly states: readonly Readonly<Record<string, unknown>>[];
  }
  const cases = readFixture("schedulers") as Case[];

  // A cosine's last bit depends on the platform; near the bottom of the curve 1 + cos loses two or three digits more.
  const near = (found: number, expected: number): boolean => Math.abs(found - expected) <= 1e-13 * Math.abs(expected);

  test.each(cases.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const optimizer = optimizerOf(...row.lrs);
    row.initialLrs?.forEach((initialLr, i) => Object.assign(optimizer.paramGroups[i]!, { initialLr }));
    const made = row.schedulers.map(({ kind, options }) =>
      schedulers[kind].make(optimizer, { ...options, lastEpoch: row.lastEpoch }),
    );
    const found = row.rates.map((_rates, step) => {
      const [group, lr] = row.hand[step] ?? [];
      if (group !== undefined && lr !== undefined) optimizer.paramGroups[group]!.lr = lr;
      if (row.join[step] !== undefined) optimizer.addParamGroup({ params: leaf(), lr: row.join[step] });
      if (step > 0) {
        optimizer.step();
        for (const scheduler of made) scheduler.step();
      }
      return ratesOf(optimizer);
    });
    if (row.schedulers.some(({ kind }) => kind === "CosineAnnealingLR")) {
      expect(found.map((rates) => rates.length)).toEqual(row.rates.map((rates) => rates.length));
      const off = found.flatMap((rates, step) =>
        rates.flatMap((rate, i) => (near(rate, row.rates[step]![i]!) ? [] : [[step, rate, row.rates[step]![i]]])),
      );
      expect(off).toEqual([]);
    } else expect(found).toEqual(row.rates);

    row.states.forEach(({ last_epoch: lastEpoch, _step_count: stepCount, _last_lr: lastLr, ...rest }, i) => {
      const settings = {
        stepSize: rest.step_size,
        gamma: rest.gamma,
        tMax: rest.T_max,
        etaMin: rest.eta_min,
      };
      const dict = made[i]!.stateDict();
      expect(dict).toMatchObject({ lastEpoch, stepCount });
      expect(dict).toMatchObject(
        Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
      );
      made[i]!.getLastLr().forEach((rate, group) => expect(near(rate, (lastLr as number[])[group]!)).toBe(true));
    });
  });
});

for (const [name, { make, options, refused }] of Object.entries(schedulers)) {
  describe(name, () => {
    test.each(refused)("refuses %j", (bad, message) => {
      expect(() => make(optimizerOf(0.1), bad as object)).toThrow(new ValueError(message));
    });

    test.each([-2, 0.5, NaN, "1"])("refuses lastEpoch %j", (lastEpoch) => {
      const shown = typeof lastEpoch === "string" ? `"${lastEpoch}"` : String(lastEpoch);
      const message = `${name}: lastEpoch must be an integer of -1 or more, got ${shown}`;
      expect(() => make(optimizerOf(0.1), { ...options, lastEpoch })).toThrow(new ValueError(message));
    });

    test("refuses what is no optimizer", () => {
      const message = `${name}: expects an optimizer first, got {paramGroups}`;
      expect(() => make({ paramGroups: [] } as unknown as AnyOptimizer, options)).toThrow(new ValueError(message));
    });

    test("needs initial rates to go on", () => {
      const message = `${name}: initialLr is not set in paramGroups[1], but lastEpoch 3 goes on with an earlier schedule`;
      const optimizer = optimizerOf(0.1, 0.2);
      optimizer.paramGroups[0]!.initialLr = 0.1;
      expect(() => make(optimizer, { ...options, lastEpoch: 3 })).toThrow(message);
    });

    test("goes on from state dicts as if it had never stopped", () => {
      const [optimizer, copy] = [optimizerOf(0.1, 0.02), optimizerOf(0.5, 0.5)];
      const scheduler = make(optimizer, options);
      follow(scheduler, 6);
      const dict = JSON.parse(JSON.stringify(scheduler.stateDict())) as optim.LRSchedulerStateDict;
      const other = make(copy, options);
      other.loadStateDict(dict);
      copy.loadStateDict(optimizer.stateDict());
      expect(other.getLastLr()).toEqual(scheduler.getLastLr());
      expect(follow(other, 20)).toEqual(follow(scheduler, 20));
      expect(other.stateDict()).toEqual(scheduler.stateDict());
    });

    test("goes on from lastEpoch as if it had never stopped", () => {
      const [optimizer, copy] = [optimizerOf(0.1), optimizerOf(0.5)];
      const whole = make(optimizer, options);
      const rates = follow(whole, 6);
      copy.loadStateDict(optimizer.stateDict());
      expect(copy.paramGroups[0]!.initialLr).toBe(0.1);
      const rest = follow(make(copy, { ...options, lastEpoch: whole.lastEpoch }), 10);
      const all = follow(make(optimizerOf(0.1), options), 16);
      expect(rates).toEqual(all.slice(0, 6));
      rest.forEach((rate, i) => expect(rate).toBeCloseTo(all[6 + i]!, 12));
    });

    test("refuses another state, and keeps its own", () => {
      const scheduler = make(optimizerOf(0.1), options);
      const own = scheduler.stateDict();
      const where = `${name}.loadStateDict`;
      for (const [dict, message] of [
        [null, `${where}: expects`],
        [{ ...own, extra: 1 }, `${where}: expects`],
        [{ ...own, lastEpoch: "3" }, `${where}: lastEpoch is "3", here it is 0`],
        [{ ...own, baseLrs: [0.1, 0.2] }, `${where}: baseLrs is [0.1, 0.2], here it is [0.1]`],
        [{ ...own, lastLr: 0.1 }, `${where}: lastLr is 0.1, here it is [0.1]`],
      ] as const) {
        expect(() => scheduler.loadStateDict(dict as unknown as optim.LRSchedulerStateDict)).toThrow(message);
        expect(scheduler.stateDict()).toEqual(own);
      }
    });

    test("warns, once, if it steps before the optimizer has", () => {
      const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
      const scheduler = make(optimizerOf(0.1), options);
      scheduler.step();
      scheduler.step();
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(new RegExp(`^${name}: .* Call optimizer.step\\(\\) first.$`))],
      ]);
      warn.mockClear();
      follow(make(optimizerOf(0.1), options), 5);
      expect(warn).not.toHaveBeenCalled();
    });
  });
}

describe("a scheduler", () => {
  test("works with every optimizer, and hands out copies of its rates", () => {
    const scheduler = new StepLR(new Adam([leaf()], { lr: 0.5 }), { stepSize: 1, gamma: 0.5 });
    scheduler.getLastLr()[0] = 7;
    expect(scheduler.getLastLr()).toEqual([0.5]);
    scheduler.optimizer.step();
    scheduler.step();
    expect(scheduler.optimizer.paramGroups[0]!.lr).toBe(0.25);
    expect([scheduler.lastEpoch, scheduler.baseLrs]).toEqual([1, [0.5]]);
  });

  test("refuses settings of a state dict that make no sense", () => {
    const scheduler = new StepLR(optimizerOf(0.1), { stepSize: 3 });
    const own = scheduler.stateDict();
    expect(() => scheduler.loadStateDict({ ...own, stepSize: 0 })).toThrow(
      "StepLR: stepSize must be an integer of 1 or more, got 0",
    );
    expect(scheduler.stateDict()).toEqual(own);
    scheduler.loadStateDict({ ...own, stepSize: 1, gamma: 0.5 });
    expect(follow(scheduler, 3)).toEqual([0.1, 0.05, 0.025]);
  });
});

describe("LambdaLR", () => {
  const make = (lrLambda: unknown, ...lrs: number[]): optim.LambdaLR =>
    new LambdaLR(optimizerOf(...lrs), { lrLambda } as optim.LambdaLROptions);

  test.each([
    [[() => 1], [0.1, 0.2], "LambdaLR: lrLambda holds 1 functions, the optimizer 2 groups"],
    [0.5, [0.1], "LambdaLR: lrLambda must be a function or a list of them, got 0.5"],
    [undefined, [0.1], "LambdaLR: lrLambda must be a function or a list of them, got undefined"],
    [[() => 1, "x"], [0.1, 0.2], 'LambdaLR: lrLambda must be a function or a list of them, got "x"'],
    [() => NaN, [0.1], "LambdaLR: the rate of group 0 at epoch 0 is NaN"],
  ])("refuses lrLambda %s", (lrLambda, lrs, message) => {
    expect(() => make(lrLambda, ...lrs)).toThrow(new ValueError(message));
  });

  test("changes nothing if a function throws", () => {
    const lrLambda = [
      (t: number) => 1 / (1 + t),
      (t: number) => {
        if (t === 2) throw new Error("no rate");
        return 1;
      },
    ];
    const scheduler = make(lrLambda, 0.1, 0.2);
    follow(scheduler, 2);
    expect(() => scheduler.step()).toThrow("no rate");
    expect(ratesOf(scheduler.optimizer)).toEqual([0.05, 0.2]);
    expect(scheduler.lastEpoch).toBe(1);
  });
});

describe("schedules are pure functions of the step", () => {
  test("that the schedulers follow, if nobody else changes the rate", () => {
    const steps = follow(new StepLR(optimizerOf(0.1), { stepSize: 4, gamma: 0.3 }), 40);
    steps.forEach((rate, t) => expect(rate).toBeCloseTo(0.1 * stepDecay(4, 0.3)(t), 14));
    const waves = follow(new CosineAnnealingLR(optimizerOf(0.1), { tMax: 12, etaMin: 0.02 }), 40);
    waves.forEach((rate, t) => expect(rate).toBeCloseTo(0.02 + 0.08 * cosine(12)(t), 14));
  });

  test("and that are built from each other", () => {
    const curve = warmup(4, cosine(2));
    expect([0, 1, 2, 3, 4, 5, 6].map(curve)).toEqual([0.25, 0.5, 0.75, 1, 1, 0.5, 0]);
    const scheduler = new LambdaLR(optimizerOf(8), { lrLambda: warmup(2, stepDecay(1, 0.5)) });
    expect(follow(scheduler, 5)).toEqual([4, 8, 8, 4, 2]);
  });

  test.each([
    [() => warmup(0, () => 1), "warmup: steps must be an integer of 1 or more, got 0"],
    [() => cosine(-1), "cosine: tMax must be a finite number above 0, got -1"],
    [() => stepDecay(-1), "stepDecay: stepSize must be an integer of 1 or more, got -1"],
  ])("%s is refused", (schedule, message) => {
    expect(schedule).toThrow(new ValueError(message));
  });
});
