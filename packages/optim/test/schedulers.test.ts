import { type Tensor, tensor, ValueError } from "@downhill/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as optim from "../src/index.js";
import { schedulers, type SchedulerName } from "./scheduler-battery.js";
import { readFixture } from "./problem.js";

const { Adam, cosine, CosineAnnealingLR, CyclicLR, LambdaLR, OneCycleLR, ReduceLROnPlateau } = optim;
const { SGD, StepLR, stepDecay, warmup } = optim;

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
    readonly optimizer: "SGD" | "Adam";
    readonly lrs: readonly number[];
    readonly schedulers: readonly { kind: SchedulerName; options: object }[];
    readonly lastEpoch: number;
    readonly initialLrs: readonly number[] | null;
    readonly hand: Readonly<Record<string, readonly [group: number, lr: number]>>;
    readonly join: Readonly<Record<string, number>>;
    readonly epochs: readonly number[] | null;
    readonly rates: readonly (readonly number[])[];
    readonly momenta: readonly (readonly number[])[] | null;
    readonly states: readonly Readonly<Record<string, unknown>>[];
  }
  const cases = readFixture("schedulers") as Case[];

  // The last bit of cosines and powers depends on the platform; near the bottom of a curve, differences lose two or three
  // digits more.
  const near = (found: number, expected: number): boolean => Math.abs(found - expected) <= 1e-13 * Math.abs(expected);
  const exact = new Set<SchedulerName>(["StepLR", "LambdaLR", "MultiStepLR", "ConstantLR", "ExponentialLR"]);
  const momentumOf = (group: object): unknown => {
    const { momentum, betas } = group as { momentum?: number; betas?: number[] };
    return betas === undefined ? momentum : betas[0];
  };

  test.each(cases.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const groups = groupsOf(row.lrs);
    const optimizer: AnyOptimizer = row.optimizer === "SGD" ? new SGD(groups, { momentum: 0.7 }) : new Adam(groups);
    row.initialLrs?.forEach((initialLr, i) => Object.assign(optimizer.paramGroups[i]!, { initialLr }));
    const made = row.schedulers.map(({ kind, options }) =>
      schedulers[kind].make(optimizer, { ...options, lastEpoch: row.lastEpoch }),
    );
    const momenta: unknown[] = [];
    const found = row.rates.map((_rates, step) => {
      const [group, lr] = row.hand[step] ?? [];
      if (group !== undefined && lr !== undefined) optimizer.paramGroups[group]!.lr = lr;
      if (row.join[step] !== undefined) optimizer.addParamGroup({ params: leaf(), lr: row.join[step] });
      if (step > 0) {
        optimizer.step();
        for (const scheduler of made) {
          if (scheduler instanceof optim.CosineAnnealingWarmRestarts) scheduler.step(row.epochs?.[step]);
          else scheduler.step();
        }
      }
      momenta.push(optimizer.paramGroups.map(momentumOf));
      return ratesOf(optimizer);
    });
    const compare = (ours: readonly (readonly number[])[], theirs: readonly (readonly number[])[]): void => {
      expect(ours.map((values) => values.length)).toEqual(theirs.map((values) => values.length));
      const off = ours.flatMap((values, step) =>
        values.flatMap((value, i) => (near(value, theirs[step]![i]!) ? [] : [[step, value, theirs[step]![i]]])),
      );
      expect(off).toEqual([]);
    };
    if (row.schedulers.every(({ kind }) => exact.has(kind))) expect(found).toEqual(row.rates);
    else compare(found, row.rates);
    if (row.momenta !== null) compare(momenta as number[][], row.momenta);
    else expect(new Set(momenta.map((values) => (values as number[])[0])).size).toBe(1);

    if (row.epochs !== null) return;
    row.states.forEach(({ last_epoch: lastEpoch, _step_count: stepCount, _last_lr: lastLr, ...rest }, i) => {
      const dict = made[i]!.stateDict();
      // Some count otherwise in PyTorch: those that are made of others, and the one whose step takes an epoch.
      const { kind } = row.schedulers[i]!;
      if (schedulers[kind].composed !== true) expect(dict.lastEpoch).toBe(lastEpoch);
      if (schedulers[kind].composed !== true && kind !== "CosineAnnealingWarmRestarts")
        expect(dict.stepCount).toBe(stepCount);
      for (const [name, value] of Object.entries(rest)) {
        const own = dict[name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase()).replace("T", "t")];
        if (typeof value === "number" && typeof own === "number") expect([name, own]).toEqual([name, value]);
      }
      made[i]!.getLastLr().forEach((rate, group) => expect(near(rate, (lastLr as number[])[group]!)).toBe(true));
    });
  });
});

for (const [name, { make, options, refused, composed, resumes }] of Object.entries(schedulers)) {
  describe(name, () => {
    test.each(refused)("refuses %j", (bad, message) => {
      expect(() => make(optimizerOf(0.1), bad as object)).toThrow(new ValueError(message));
    });

    if (composed === undefined) {
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
    }

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

    if (resumes === undefined) {
      test("goes on from lastEpoch as if it had never stopped", () => {
        const [optimizer, copy] = [optimizerOf(0.1), optimizerOf(0.5)];
        const whole = make(optimizer, options);
        const rates = follow(whole, 6);
        copy.loadStateDict(optimizer.stateDict());
        expect(copy.paramGroups[0]!.initialLr).toBe(optimizer.paramGroups[0]!.initialLr);
        const rest = follow(make(copy, { ...options, lastEpoch: whole.lastEpoch }), 10);
        const all = follow(make(optimizerOf(0.1), options), 16);
        expect(rates).toEqual(all.slice(0, 6));
        rest.forEach((rate, i) => expect(rate).toBeCloseTo(all[6 + i]!, 12));
      });
    }

    test("refuses another state, and keeps its own", () => {
      const scheduler = make(optimizerOf(0.1), options);
      const own = scheduler.stateDict();
      const where = `${name}.loadStateDict`;
      for (const [dict, message] of [
        [null, `${where}: expects`],
        [{ ...own, extra: 1 }, `${where}: expects`],
        [{ ...own, lastEpoch: "3" }, `${where}: lastEpoch is "3", here it is 0`],
        [{ ...own, baseLrs: [1, 2] }, `${where}: baseLrs is [1, 2], here it is [${scheduler.baseLrs[0]}]`],
        [{ ...own, lastLr: 0.1 }, `${where}: lastLr is 0.1, here it is [${scheduler.getLastLr()[0]}]`],
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

describe("ReduceLROnPlateau", () => {
  interface Case {
    readonly name: string;
    readonly lrs: readonly number[];
    readonly options: optim.ReduceLROnPlateauOptions;
    readonly metrics: readonly number[];
    readonly rates: readonly (readonly number[])[];
    readonly bests: readonly number[];
  }
  const cases = readFixture("plateau") as Case[];

  test.each(cases.map((row) => [row.name, row] as const))("sets PyTorch's rates: %s", (_, row) => {
    const optimizer = optimizerOf(...row.lrs);
    const scheduler = new ReduceLROnPlateau(optimizer, row.options);
    row.metrics.forEach((metric, i) => {
      scheduler.step(metric);
      expect(scheduler.getLastLr()).toEqual(row.rates[i]);
      expect(scheduler.best).toBe(row.bests[i]);
    });
    expect(scheduler.lastEpoch).toBe(60);
  });

  test.each(cases.map((row) => [row.name, row] as const))("goes on from its state dict: %s", (_, row) => {
    const [optimizer, copy] = [optimizerOf(...row.lrs), optimizerOf(...row.lrs)];
    const scheduler = new ReduceLROnPlateau(optimizer, row.options);
    for (const metric of row.metrics.slice(0, 25)) scheduler.step(metric);
    const other = new ReduceLROnPlateau(copy);
    other.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())) as optim.ReduceLROnPlateauStateDict);
    copy.loadStateDict(optimizer.stateDict());
    for (const metric of row.metrics.slice(25)) other.step(metric);
    expect(other.getLastLr()).toEqual(row.rates.at(-1));
  });

  test.each([
    [{ mode: "least" }, 'ReduceLROnPlateau: mode must be one of "min", "max", got "least"'],
    [{ factor: 1 }, "ReduceLROnPlateau: factor must be below 1, got 1"],
    [{ patience: -1 }, "ReduceLROnPlateau: patience must be a number of 0 or more, got -1"],
    [{ threshold: NaN }, "ReduceLROnPlateau: threshold must be a number, got NaN"],
    [{ thresholdMode: "both" }, 'ReduceLROnPlateau: thresholdMode must be one of "rel", "abs", got "both"'],
    [{ minLr: [0, 0] }, "ReduceLROnPlateau: minLr holds 2 numbers, the optimizer 1 groups"],
    [
      { min_lr: 0 },
      'ReduceLROnPlateau: unknown option "min_lr"\n  hint: it takes mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps',
    ],
  ])("refuses %j", (options, message) => {
    const made = (): optim.ReduceLROnPlateau =>
      new ReduceLROnPlateau(optimizerOf(0.1), options as optim.ReduceLROnPlateauOptions);
    expect(made).toThrow(new ValueError(message));
  });

  test("refuses a loss that has not been read, and another state", () => {
    const scheduler = new ReduceLROnPlateau(optimizerOf(0.1));
    expect(() => scheduler.step(leaf() as never)).toThrow(
      "ReduceLROnPlateau.step: needs the metric as a number, got Tensor([1])\n  hint: scheduler.step(await loss.item())",
    );
    const own = scheduler.stateDict();
    for (const dict of [null, {}, { ...own, extra: 1 }, { ...own, factor: 2 }, { ...own, numBadEpochs: "1" }])
      expect(() => scheduler.loadStateDict(dict as unknown as typeof own)).toThrow(ValueError);
    expect(scheduler.stateDict()).toEqual(own);
  });
});

describe("schedulers that cycle the momentum", () => {
  test("need one, unless they are told not to", () => {
    const adagrad = new optim.Adagrad([leaf()]);
    const message = "needs an optimizer with a momentum or betas, got Adagrad\n  hint: pass { cycleMomentum: false }";
    expect(() => new OneCycleLR(adagrad, { maxLr: 1, totalSteps: 9 })).toThrow(`OneCycleLR: cycleMomentum ${message}`);
    expect(() => new CyclicLR(adagrad, { baseLr: 0, maxLr: 1 })).toThrow(`CyclicLR: cycleMomentum ${message}`);
    expect(() => new CyclicLR(adagrad, { baseLr: 0, maxLr: 1, cycleMomentum: false })).not.toThrow();
  });

  test("take the first beta for it", () => {
    const optimizer = new Adam([leaf()], { betas: [0.5, 0.999] });
    const scheduler = new CyclicLR(optimizer, { baseLr: 0.1, maxLr: 1, stepSizeUp: 2 });
    const seen = [0, 1, 2].map(() => {
      const [beta] = optimizer.paramGroups[0]!.betas;
      optimizer.step();
      scheduler.step();
      return beta;
    });
    expect(seen.map((beta) => Number(beta.toFixed(4)))).toEqual([0.9, 0.85, 0.8]);
    expect(optimizer.paramGroups[0]!.betas[1]).toBe(0.999);
  });

  test("refuse a step beyond the cycle, and change nothing", () => {
    const scheduler = new OneCycleLR(optimizerOf(0.1), { maxLr: 1, totalSteps: 3, cycleMomentum: false });
    follow(scheduler, 4);
    const rates = scheduler.getLastLr();
    scheduler.optimizer.step();
    expect(() => scheduler.step()).toThrow("OneCycleLR: step 5 is one too many for totalSteps 3");
    expect(ratesOf(scheduler.optimizer)).toEqual(rates);
  });
});

describe("schedulers that are made of others", () => {
  test("take schedulers of their own optimizer", () => {
    const [optimizer, other] = [optimizerOf(0.1), optimizerOf(0.1)];
    const decay = new optim.ExponentialLR(other, { gamma: 0.9 });
    const first = new optim.ExponentialLR(optimizer, { gamma: 0.9 });
    const plateau = new ReduceLROnPlateau(optimizer) as never;
    const sequence = (schedulers: optim.LRScheduler[]) => () =>
      new optim.SequentialLR(optimizer, { schedulers, milestones: [3] });
    expect(sequence([first, decay])).toThrow("SequentialLR: schedulers[1] is of another optimizer");
    expect(sequence([first, plateau])).toThrow("SequentialLR: schedulers[1] must be a scheduler that computes rates");
    expect(() => new optim.ChainedScheduler([first, decay])).toThrow("schedulers[1] is of another optimizer");
  });

  test("may be made of such themselves", () => {
    const optimizer = optimizerOf(8);
    const halves = (): optim.LRScheduler => new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
    const schedulers = [new optim.ConstantLR(optimizer, { factor: 1 }), halves()];
    const inner = new optim.SequentialLR(optimizer, { schedulers, milestones: [2] });
    expect(follow(new optim.ChainedScheduler([inner, halves()]), 5)).toEqual([8, 4, 4, 1, 0.25]);
  });
});
