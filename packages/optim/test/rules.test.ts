/** The rules that the one idea (record, match, run) needs, each by its name in the design. */
import { afterEach, describe, expect, it } from "vitest";
import type { Tensor } from "@downhill/core";
import {
  defaultDevice,
  enableGrad,
  keep,
  manualSeed,
  noGrad,
  ones,
  rand,
  randn,
  setDefaultDevice,
  tensor,
  VersionError,
  zeros,
} from "@downhill/core";
import { registerBackend, ReferenceBackend, type Executable, type Program } from "@downhill/core/engine";
import { Linear, Module, MSELoss, Sequential, Tanh } from "@downhill/nn";
import { SGD } from "@downhill/optim";

afterEach(() => setDefaultDevice("cpu"));

let count = 0;
function freshDevice(backend: ReferenceBackend = new ReferenceBackend(`rules-${count++}`)): void {
  setDefaultDevice(registerBackend(backend));
}

const programs = () => defaultDevice().programs;
const structures = (): string[] =>
  programs()
    .programs()
    .map((program) => JSON.stringify(program));

interface Run {
  losses: number[];
  parameters: number[][];
}

/** A small model with its data, and one turn of its training loop. */
function trainer(seed: number) {
  manualSeed(seed);
  const X = rand([12, 2]);
  const y = randn([12, 1]);
  const model = new Sequential(new Linear(2, 4), new Tanh(), new Linear(4, 1));
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const loss = (i = 0, n = 12): Tensor => criterion.forward(model.forward(X.narrow(0, i, n)), y.narrow(0, i, n));
  const parameters = async (): Promise<number[][]> => {
    const values: number[][] = [];
    for (const parameter of model.parameters()) values.push([...(await parameter.data())]);
    return values;
  };
  return { X, y, model, criterion, optimizer, loss, parameters };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Trains with an await in the middle of each step, where another loop may come in. */
async function trainWithTurns(seed: number): Promise<Run> {
  const { optimizer, loss, parameters } = trainer(seed);
  const losses: number[] = [];
  for (let step = 0; step < 15; step++) {
    optimizer.zeroGrad();
    const value = loss();
    await turn();
    value.backward();
    await turn();
    optimizer.step();
    if (step % 3 === 0) losses.push(await value.item());
  }
  return { losses, parameters: await parameters() };
}

describe("two loops interleaved by await", () => {
  it("compute and compile what each does alone", async () => {
    freshDevice();
    const first = await trainWithTurns(1);
    const second = await trainWithTurns(2);
    const alone = { compiled: programs().compiled, structures: structures() };
    freshDevice();
    const [a, b] = await Promise.all([trainWithTurns(1), trainWithTurns(2)]);
    expect(a).toEqual(first);
    expect(b).toEqual(second);
    expect(programs().compiled).toBe(alone.compiled);
    expect(new Set(structures())).toEqual(new Set(alone.structures));
  });
});

describe("alternating optimizers", () => {
  it("a generator's and a discriminator's steps repeat their Programs", async () => {
    freshDevice();
    manualSeed(3);
    const generator = new Linear(1, 1);
    const discriminator = new Linear(1, 1);
    const ofGenerator = new SGD(generator.parameters(), { lr: 0.05 });
    const ofDiscriminator = new SGD(discriminator.parameters(), { lr: 0.05 });
    const noise = randn([8, 1]);
    const real = randn([8, 1]).add(2);
    const play = (): void => {
      ofDiscriminator.zeroGrad();
      const fake = generator.forward(noise);
      discriminator
        .forward(real)
        .sigmoid()
        .log()
        .mean()
        .neg()
        .add(discriminator.forward(fake.detach()).sigmoid().neg().add(1).log().mean().neg())
        .backward();
      ofDiscriminator.step();
      ofGenerator.zeroGrad();
      discriminator.forward(fake).sigmoid().log().mean().neg().backward();
      ofGenerator.step();
    };
    // The generator's loss is never read and its gradients for the discriminator are dropped: nobody needs them, they
    // wait for a seam, which comes every few turns and has a Program of its own.
    for (let i = 0; i < 20; i++) play();
    const warm = programs().compiled;
    expect(warm).toBeLessThanOrEqual(4);
    for (let i = 0; i < 50; i++) play();
    expect(programs().compiled).toBe(warm);
    expect(defaultDevice().pending.length).toBeLessThan(60);
    expect(await generator.weight.item()).not.toBeNaN();
  });
});

describe("a loss read before backward", () => {
  it("changes neither gradients nor updates: internal values are computed again from kept inputs", async () => {
    freshDevice();
    const plain = trainer(4);
    const read = trainer(4);
    for (let step = 0; step < 5; step++) {
      plain.optimizer.zeroGrad();
      plain.loss().backward();
      plain.optimizer.step();
      read.optimizer.zeroGrad();
      const loss = read.loss();
      expect(await loss.item()).toBeGreaterThan(0);
      loss.backward();
      read.optimizer.step();
    }
    expect(await read.parameters()).toEqual(await plain.parameters());
  });

  it("after a step has overwritten an input it is the version error, as in PyTorch", async () => {
    freshDevice();
    const { optimizer, loss } = trainer(5);
    const stale = loss();
    await stale.item();
    loss().backward();
    optimizer.step();
    expect(() => stale.backward()).toThrow(VersionError);
    expect(() => stale.backward()).toThrow(/overwritten/);
  });
});

describe("accumulation over several backwards", () => {
  it("adds up to the gradient of the whole batch, and repeats its Programs", async () => {
    freshDevice();
    const whole = trainer(6);
    whole.loss().backward();
    const parts = trainer(6);
    const accumulate = (): void => {
      parts.optimizer.zeroGrad();
      for (let i = 0; i < 12; i += 3) parts.loss(i, 3).div(4).backward();
    };
    accumulate();
    for (const [i, parameter] of [...parts.model.parameters()].entries()) {
      const expected = await [...whole.model.parameters()][i]!.grad!.data();
      const got = await parameter.grad!.data();
      got.forEach((g, k) => expect(g).toBeCloseTo(expected[k]!, 6));
    }
    accumulate();
    parts.optimizer.step();
    const warm = programs().compiled;
    for (let step = 0; step < 10; step++) {
      accumulate();
      parts.optimizer.step();
    }
    expect(programs().compiled).toBe(warm);
    expect(
      programs()
        .programs()
        .every((program) => program.nodes.length < 300),
    ).toBe(true);
  });
});

describe("a descent loop without an optimizer", () => {
  it("repeats one Program instead of unrolling, and comes down", async () => {
    freshDevice();
    const w = tensor([5, -3], { requiresGrad: true });
    const descend = (): void => {
      w.grad = null;
      w.square().sum().backward();
      noGrad(() => w.sub_(w.grad!.mul(0.1)));
    };
    for (let i = 0; i < 5; i++) descend();
    const warm = programs().compiled;
    for (let i = 0; i < 200; i++) descend();
    expect(programs().compiled).toBe(warm);
    expect(warm).toBeLessThanOrEqual(3);
    expect(
      programs()
        .programs()
        .every((program) => program.nodes.length < 60),
    ).toBe(true);
    expect(defaultDevice().pending.length).toBeLessThan(20);
    expect(await w.abs().sum().item()).toBeLessThan(1e-6);
  });

  it("in-place methods in a loop without any seam, or in noGrad, repeat one Program", async () => {
    freshDevice();
    const [total, average, w] = [zeros([2]), zeros([2]), ones([2])];
    let most = 0;
    const turns = (count: number): void => {
      for (let i = 0; i < count; i++) {
        total.add_(i).sub_(1);
        noGrad(() => average.mul_(0.5).add_(w.mul(0.5)));
        most = Math.max(most, defaultDevice().changes.length);
      }
    };
    turns(100);
    const warm = programs().compiled;
    turns(10_000);
    expect(programs().compiled).toBe(warm);
    expect(most).toBeLessThan(60);
    for (let i = 0; i < 30_000; i++) {
      total.add_(1);
      most = Math.max(most, defaultDevice().changes.length);
    }
    expect(most).toBeLessThan(2000);
    expect(programs().compiled).toBeLessThan(warm + 4);
    expect(await average.tolist()).toEqual([1, 1]);
  });

  it("evaluation under noGrad that never reads stays in bounds", async () => {
    freshDevice();
    const { loss } = trainer(7);
    let total = tensor(0);
    for (let i = 0; i < 500; i++) total = noGrad(() => total.add(loss()));
    expect(defaultDevice().pending.length).toBeLessThan(200);
    expect(programs().compiled).toBeLessThanOrEqual(5);
    expect(await total.item()).toBeGreaterThan(0);
  });
});

describe("a caught exception between two ops", () => {
  it("changes neither what is computed nor what is compiled", async () => {
    class Clumsy extends Module {
      inner = new Linear(2, 2);
      override forward(x: Tensor): Tensor {
        const hidden = this.inner.forward(x);
        if (x.size(0) === 3) hidden.add(zeros([7, 7])); // does not broadcast
        return hidden;
      }
    }
    const run = async (fail: boolean): Promise<unknown> => {
      freshDevice();
      manualSeed(8);
      const model = new Clumsy();
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const x = rand([4, 2]);
      for (let step = 0; step < 4; step++) {
        optimizer.zeroGrad();
        const loss = model.forward(x).square().mean();
        if (fail) expect(() => model.forward(zeros([3, 2]))).toThrow(/do not broadcast/);
        loss.backward();
        if (fail) expect(() => enableGrad(() => x.matmul(x))).toThrow(/inner sizes differ/);
        optimizer.step();
      }
      return { weight: await model.inner.weight.tolist(), programs: structures() };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe("a failed run", () => {
  it("leaves parameters, state and step count as they were, and the next step goes on", async () => {
    class Failing extends ReferenceBackend {
      fail = false;
      override compile(program: Program): Executable {
        const executable = super.compile(program);
        return {
          run: (inputs, scalars) => {
            if (this.fail) throw new Error("out of memory");
            return executable.run(inputs, scalars);
          },
        };
      }
    }
    const backend = new Failing(`failing-${count++}`);
    freshDevice(backend);
    const { optimizer, loss, parameters, model } = trainer(9);
    const sane = trainer(9);
    const step = (t: typeof sane): void => {
      t.optimizer.zeroGrad();
      t.loss().backward();
      t.optimizer.step();
    };
    step({ optimizer, loss } as typeof sane);
    step(sane);
    const before = await parameters();
    optimizer.zeroGrad();
    loss().backward();
    backend.fail = true;
    expect(() => optimizer.step()).toThrow("out of memory");
    backend.fail = false;
    expect(await parameters()).toEqual(before);
    optimizer.step(); // the gradients are still there
    step(sane);
    expect(await parameters()).toEqual(await sane.parameters());
    expect(model.training).toBe(true);
  });
});

describe("what a Program returns", () => {
  it("is decided by the code: the caller's values and gradients, not what a forward keeps to itself", async () => {
    freshDevice();
    class Net extends Module {
      first = new Linear(2, 3);
      shown: Tensor | null = null;
      hidden: Tensor | null = null;
      override forward(x: Tensor): Tensor {
        this.hidden = this.first.forward(x).tanh();
        this.shown = keep(this.hidden.mul(2));
        return this.hidden.sum();
      }
    }
    const net = new Net();
    const optimizer = new SGD(net.parameters(), { lr: 0.1 });
    const x = rand([4, 2]);
    const out = net.forward(x);
    out.backward();
    optimizer.step();
    const [program] = programs().programs().slice(-1);
    // out, shown, two gradients and two updates; hidden is internal.
    expect(program!.outputs.length).toBe(6);
    expect(await net.shown!.data()).toHaveLength(12);
    expect(await out.item()).not.toBeNaN();
    await expect(net.hidden!.data()).rejects.toThrow(/keep\(x\)/);
    // Before any update it can be computed again.
    net.forward(x);
    expect(await net.hidden!.data()).toHaveLength(12);
  });

  it("a tensor is a value, a Parameter a variable: detach, views and state dicts keep the value of their moment", async () => {
    freshDevice();
    const { model, optimizer, loss } = trainer(10);
    const weight = [...model.parameters()][0]!;
    const before = await weight.data();
    const state = model.stateDict();
    const copy = weight.detach();
    const view = weight.at(0);
    loss().backward();
    optimizer.step();
    expect(await weight.data()).not.toEqual(before);
    expect(await copy.data()).toEqual(before);
    expect(await state["0.weight"]!.data()).toEqual(before);
    expect(await view.data()).toEqual(before.slice(0, 2));
  });

  it("reads take the value as of their call, and steps do not wait for them", async () => {
    freshDevice();
    const { model, optimizer, loss } = trainer(11);
    const weight = [...model.parameters()][0]!;
    const reading = weight.data();
    const value = loss();
    value.backward();
    optimizer.step();
    const later = weight.data();
    expect(await reading).not.toEqual(await later);
  });
});

describe("memory", () => {
  it("a long synchronous loop leaves nothing pending", () => {
    freshDevice();
    const { optimizer, loss } = trainer(12);
    for (let step = 0; step < 3000; step++) {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    }
    expect(defaultDevice().pending.length).toBe(0);
    expect(programs().size).toBeLessThanOrEqual(2);
  });
});
