import { readFileSync } from "node:fs";
import { compile, defaultDevice, manualSeed, rand, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import { type Executable, type Program, ReferenceBackend } from "@downhill/core/engine";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  CosineAnnealingLR,
  type LRScheduler,
  Optimizer,
  type ParamState,
  type Params,
  SGD,
  StepLR,
} from "../src/index.js";
import { optimizers, type OptimizerRow } from "./battery.js";
import { begin, flattened, freshDevice, valuesOf } from "./problem.js";
import { schedulers } from "./scheduler-battery.js";

// A compiled step does what the step does, bit for bit.

beforeEach(() => setDefaultDevice(freshDevice()));
afterEach(() => setDefaultDevice("cpu"));

type AnyOptimizer = Optimizer<{ lr: number }>;
type Step = (x: Tensor, y: Tensor) => Tensor;

interface Run {
  readonly params: readonly Tensor[];
  readonly optimizer: AnyOptimizer;
  readonly step: Step & { readonly traces?: number };
}

/** A linear model of two features, and one step of its training loop, as it is or compiled. */
function training(
  { make, matrices }: Pick<OptimizerRow, "make" | "matrices">,
  options: object,
  compiled: boolean,
): Run {
  manualSeed(0);
  const model = new Linear(2, 1, { bias: matrices !== true });
  const criterion = new MSELoss();
  const optimizer = make(model.parameters(), options);
  const step: Step = (x, y) => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { params: [...model.parameters()], optimizer, step: compiled ? compile(step) : step };
}

const facts = async ({ params, optimizer }: Run): Promise<unknown> => ({
  values: await valuesOf(params),
  gradients: await valuesOf(params.flatMap(({ grad }) => grad ?? [])),
  dict: await flattened(optimizer.stateDict()),
  steps: optimizer.stepCount,
});

/** Does both and compares the losses at each turn, and everything at the end. */
async function compare(
  pair: readonly [Run, Run],
  turns: number,
  between: (run: Run, turn: number) => void,
): Promise<void> {
  manualSeed(9);
  const [X, y] = [rand([8, 2]), rand([8, 1])];
  for (let turn = 0; turn < turns; turn++) {
    const losses = pair.map(({ step }) => step(X, y));
    for (const run of pair) between(run, turn);
    const [expected, got] = await Promise.all(losses.map((loss) => loss.item()));
    expect(got, `loss ${turn}`).toBe(expected);
  }
  expect(await facts(pair[1])).toEqual(await facts(pair[0]));
}

const nothing = (): void => undefined;

for (const [name, row] of Object.entries(optimizers)) {
  describe(`a compiled step of ${name}`, () => {
    const both = (options: object): [Run, Run] => [training(row, options, false), training(row, options, true)];

    test.each(row.variants)("takes the same steps: %j", async (options) => {
      const pair = both(options);
      await compare(pair, 12, nothing);
      // The first step makes the state, which the others find.
      const states = [...pair[1].optimizer.state.values()].flatMap((state) => Object.values(state));
      expect(pair[1].step.traces).toBe(states.some((value) => typeof value === "object") ? 2 : 1);
    });

    test("follows every number of its settings without another trace", async () => {
      const pair = both(row.variants.at(-1)!);
      const changes = Object.entries(row.numbers);
      let traces = 0;
      await compare(pair, changes.length + 3, ({ optimizer, step }, turn) => {
        if (turn === 1) traces = step.traces ?? 0;
        const change = changes[turn - 2];
        if (change !== undefined) Object.assign(optimizer.paramGroups[0]!, Object.fromEntries([change]));
      });
      expect(pair[1].step.traces).toBe(traces);
    });

    test("compiles one Program in 100 steps", () => {
      setDefaultDevice(freshDevice());
      const { step } = training(row, row.variants.at(-1)!, true);
      const [X, y] = [rand([8, 2]), rand([8, 1])];
      for (let i = 0; i < 100; i++) step(X, y);
      expect(defaultDevice().programs.compiled).toBe(1);
    });

    test("may take turns with steps that are not compiled, and with loaded states", async () => {
      const pair = both(row.variants.at(-1)!);
      const [X, y] = [rand([4, 2]), rand([4, 1])];
      const plain = pair.map(({ optimizer, params }) => () => {
        optimizer.zeroGrad();
        X.matmul(params[0]!.transpose(0, 1))
          .add(params[1] ?? 0)
          .sub(y)
          .square()
          .mean()
          .backward();
        optimizer.step();
      });
      const saved = new Map<Run, ReturnType<AnyOptimizer["stateDict"]>>();
      await compare(pair, 12, (run, turn) => {
        if (turn % 3 === 0) plain[pair.indexOf(run)]!();
        if (turn === 4) saved.set(run, run.optimizer.stateDict());
        if (turn === 8) run.optimizer.loadStateDict(saved.get(run)!);
      });
    });
  });
}

for (const [name, row] of Object.entries(schedulers)) {
  describe(`${name} beside a compiled step`, () => {
    test.each([
      ["stepped between calls", false],
      ["stepped in the call", true],
    ])("sets the same rates: %s", async (_, inside) => {
      const make = (compiled: boolean): Run & { readonly scheduler: LRScheduler } => {
        manualSeed(0);
        const model = new Linear(2, 1);
        const optimizer = new SGD(model.parameters(), { lr: 0.1 });
        const scheduler = row.make(optimizer, row.options);
        const step: Step = (x, y) => {
          optimizer.zeroGrad();
          const loss = model.forward(x).sub(y).square().mean();
          loss.backward();
          optimizer.step();
          if (inside) scheduler.step();
          return loss;
        };
        return { params: [...model.parameters()], optimizer, scheduler, step: compiled ? compile(step) : step };
      };
      const pair = [make(false), make(true)] as const;
      await compare(pair, 15, (run) => {
        if (!inside) (run as (typeof pair)[number]).scheduler.step();
      });
      expect(pair[1].scheduler.stateDict()).toEqual(pair[0].scheduler.stateDict());
      // Only for the rates that are 0, which look like another structure.
      expect(pair[1].step.traces).toBeLessThanOrEqual(2);
    });
  });
}

describe("a compiled step", () => {
  test("accumulates gradients over calls, and follows the groups and their tensors", async () => {
    const make = (compiled: boolean): Run & { readonly back: Step } => {
      manualSeed(0);
      const model = new Linear(2, 1);
      const { weight, bias } = model as { weight: Tensor; bias: Tensor };
      const unused = tensor([1], { requiresGrad: true });
      const optimizer = new SGD([{ params: [weight], lr: 0.2 }, { params: [bias, unused] }], {
        lr: 0.1,
        momentum: 0.5,
      });
      const back: Step = (x, y) => {
        const loss = model.forward(x).sub(y).square().mean();
        loss.backward();
        return loss;
      };
      const step: Step = (x, y) => {
        const loss = back(x, y);
        optimizer.step();
        optimizer.zeroGrad({ setToNone: false });
        return loss;
      };
      const wrap = (fn: Step): Step => (compiled ? compile(fn) : fn);
      return { params: [weight, bias], optimizer, back: wrap(back), step: wrap(step) };
    };
    const pair = [make(false), make(true)] as const;
    const [X, y] = [rand([8, 2]), rand([8, 1])];
    const late = pair.map(() => tensor([3], { requiresGrad: true }));
    await compare(pair, 12, (run, turn) => {
      if (turn % 2 === 0) (run as (typeof pair)[number]).back(X, y);
      if (turn === 5) run.optimizer.addParamGroup({ params: [late[pair.indexOf(run as never)]!], lr: 0.5 });
      if (turn === 7) run.optimizer.paramGroups[1]!.lr = 0.01;
    });
  });

  test("is traced again for another batch size, and never more", async () => {
    const [plain, compiled] = [training(optimizers.Adam, {}, false), training(optimizers.Adam, {}, true)];
    const losses: number[][] = [];
    for (const { step } of [plain, compiled]) {
      manualSeed(3);
      const [X, y] = [rand([10, 2]), rand([10, 1])];
      const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 4, shuffle: true });
      const seen: Tensor[] = [];
      for (let epoch = 0; epoch < 5; epoch++) for await (const [x, target] of loader) seen.push(step(x, target));
      losses.push(await valuesOf(seen)); // read long after
    }
    expect(losses[1]).toEqual(losses[0]);
    expect(compiled.step.traces).toBe(3); // that makes the state, full batches, the last one
  });

  test("runs hooks in the call that is traced, and is traced again when there are others", () => {
    const { optimizer, step } = training(optimizers.SGD, {}, true);
    let calls = 0;
    const [X, y] = [rand([8, 2]), rand([8, 1])];
    step(X, y);
    const hook = optimizer.registerStepPostHook(() => calls++);
    for (let i = 0; i < 3; i++) step(X, y);
    expect([calls, step.traces, optimizer.stepCount]).toEqual([1, 2, 4]);
    hook.remove();
    step(X, y);
    expect([calls, step.traces]).toEqual([1, 3]);
  });

  test("says at once when a setting has become NaN, and changes nothing", async () => {
    const run = training(optimizers.Adam, {}, true);
    const [X, y] = [rand([8, 2]), rand([8, 1])];
    for (let i = 0; i < 3; i++) run.step(X, y);
    run.optimizer.paramGroups[0]!.lr = NaN;
    const before = await facts(run);
    expect(() => run.step(X, y)).toThrow("Adam: lr must be a number of 0 or more, got NaN");
    expect(await facts(run)).toEqual(before);
  });

  test("that fails in its Program keeps step counts, rates and values", async () => {
    class Failing extends ReferenceBackend {
      fails = false;
      override compile(program: Program): Executable {
        const executable = super.compile(program);
        return {
          run: (inputs, scalars) => {
            if (this.fails) throw new Error("out of memory");
            return executable.run(inputs, scalars);
          },
        };
      }
    }
    const backend = new Failing("optim-compile-failing");
    const params = begin({ device: freshDevice(backend) });
    const optimizer = new Adam(params, { lr: 0.1 });
    const scheduler = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
    const step = compile(() => {
      optimizer.zeroGrad();
      params[0].square().sum().add(params[1].square().sum()).backward();
      optimizer.step();
      scheduler.step();
    });
    const all = async (): Promise<unknown> => [
      await facts({ params, optimizer, step: step as never }),
      scheduler.stateDict(),
    ];
    for (let call = 0; call < 4; call++) {
      const before = await all();
      backend.fails = true;
      expect(step).toThrow("out of memory");
      backend.fails = false;
      expect(await all()).toEqual(before);
      step();
    }
    expect(optimizer.paramGroups[0]!.lr).toBe(0.1 / 16);
  });
});

describe("an optimizer that says nothing of live numbers", () => {
  interface Group {
    lr: number;
  }
  interface State extends ParamState {
    step?: number;
  }

  /** Halves its rate at each step, on the host. */
  class Halving extends Optimizer<Group, State> {
    protected override readonly stateKinds = { step: "number" } as const;
    constructor(params: Params<Group>, options: Partial<Group> = {}) {
      super(params, { lr: 0.1 }, options);
    }
    protected override check(): void {
      // Any rate will do.
    }
    protected override update(param: Tensor, grad: Tensor, state: State, { lr }: Group): Tensor {
      state.step = (state.step ?? 0) + 1;
      return param.sub(grad.mul(lr / 2 ** state.step));
    }
  }

  test("is right too: each number it reads is a guard", async () => {
    const pair = [false, true].map((compiled) => training({ make: (params) => new Halving(params) }, {}, compiled)) as [
      Run,
      Run,
    ];
    await compare(pair, 8, ({ optimizer }, turn) => {
      if (turn === 3) new CosineAnnealingLR(optimizer, { tMax: 5 }).step();
    });
  });
});

test("the README's optimizer says which of its numbers are live", () => {
  expect(readFileSync(new URL("../README.md", import.meta.url), "utf8")).toContain('readonly live = ["lr", "beta"]');
});
