import { rand, type Tensor, tensor, ValueError } from "@downhill/core";
import { encodeCheckpoint, loadCheckpoint } from "@downhill/core/files";
import { Linear, Parameter } from "@downhill/nn";
import { describe, expect, test } from "vitest";
import * as optim from "../src/index.js";
import { optimizers } from "./battery.js";
import { begin, descend, flattened, freshDevice, setGradients, steps, valuesOf } from "./problem.js";

// What holds for every optimizer, whatever its formula.

const leaf = (value: number): Tensor => tensor([[value]], { requiresGrad: true });

test("the battery has a row for each optimizer that the package exports", () => {
  const exported = Object.entries(optim as Record<string, unknown>).filter(
    ([name, value]) =>
      name !== "Optimizer" && typeof value === "function" && value.prototype instanceof optim.Optimizer,
  );
  expect(exported.map(([name]) => name).sort()).toEqual(Object.keys(optimizers).sort());
});

for (const [name, row] of Object.entries(optimizers)) {
  const { make, variants, refused } = row;
  const last = variants.at(-1)!;

  describe(name, () => {
    test.each(refused)("refuses %j", (options, message) => {
      expect(() => make([leaf(1)], options)).toThrow(new ValueError(message));
      expect(() => make([{ params: [leaf(1)], ...options }] as never)).toThrow(ValueError);
    });

    test("takes an option that is undefined for its default", () => {
      const unset = Object.fromEntries(Object.keys(row.numbers).map((setting) => [setting, undefined]));
      expect(make([leaf(1)], unset).defaults).toEqual(make([leaf(1)]).defaults);
    });

    test.each(variants)("goes on from its state dict bit for bit: %j", async (options) => {
      const params = begin({}, row);
      const optimizer = make(params, options);
      descend(optimizer, params, 1, 10);
      const copies = params.map((param) => new Parameter(param));
      const other = make(copies);
      other.loadStateDict(optimizer.stateDict());
      descend(optimizer, params, 11, steps);
      descend(other, copies, 11, steps);
      expect(await valuesOf(copies)).toEqual(await valuesOf(params));
      expect(await flattened(other.stateDict())).toEqual(await flattened(optimizer.stateDict()));
    });

    test("shares no setting with other optimizers or with its caller", () => {
      const given = structuredClone(last);
      const defaults = structuredClone(make([leaf(1)]).defaults);
      const [first, second, plain] = [make([leaf(1)], given), make([leaf(1)], given), make([leaf(1)])];
      for (const optimizer of [first, plain]) {
        const { params: _, ...settings } = optimizer.paramGroups[0]!;
        for (const value of Object.values(settings) as unknown[]) if (Array.isArray(value)) value.fill(0.5);
      }
      expect(given).toEqual(last);
      expect(second.paramGroups[0]).toMatchObject(last);
      expect(make([leaf(1)]).paramGroups[0]).toMatchObject(defaults);
    });

    test("keeps in a state dict the values of its moment, apart from its own", async () => {
      const params = begin({}, row);
      const optimizer = make(params, last);
      descend(optimizer, params, 1, 2);
      const dict = optimizer.stateDict();
      const then = structuredClone(await flattened(optimizer.stateDict()));
      descend(optimizer, params, 3, 4);
      optimizer.paramGroups[0]!.lr = 0.5;
      expect(await flattened(dict)).toEqual(then);

      const copies = params.map((param) => new Parameter(param));
      const other = make(copies);
      other.loadStateDict(dict);
      descend(other, copies, 3, 4);
      expect(await flattened(dict)).toEqual(then);
    });

    test("updates tensors of several dtypes and devices together as each alone", async () => {
      const alone: number[] = [];
      for (const dtype of ["float32", "float64"] as const) {
        const params = begin({ dtype }, row);
        descend(make(params, last), params, 1, 5);
        alone.push(...(await valuesOf(params)));
      }
      const params = [
        ...begin({ dtype: "float32", device: freshDevice() }, row),
        ...begin({ dtype: "float64", device: freshDevice() }, row),
      ];
      const optimizer = make(params, last);
      for (let step = 1; step <= 5; step++) {
        setGradients(params.slice(0, 2), step);
        setGradients(params.slice(2), step);
        optimizer.step();
      }
      expect(await valuesOf(params)).toEqual(alone);
    });

    test("takes its state along when a model changes its dtype", async () => {
      const model = new Linear(2, 3, { bias: row.matrices !== true });
      const optimizer = make(model.parameters(), last);
      const step = (): void => {
        optimizer.zeroGrad();
        model
          .forward(rand([4, 2]).to(model.weight.dtype))
          .sum()
          .backward();
        optimizer.step();
      };
      step();
      model.to("float64");
      step();
      expect(model.weight.dtype).toBe("float64");
      const { state } = optimizer.stateDict();
      for (const value of Object.values(state[0] ?? {}))
        if (typeof value !== "number") expect(value.dtype).toBe("float64");
      expect((await valuesOf([model.weight])).every(Number.isFinite)).toBe(true);
    });

    test("adds a group on the way, which begins its own state", async () => {
      const [a, b] = begin({}, row);
      const optimizer = make([a], last);
      descend(optimizer, [a], 1, 3);
      optimizer.addParamGroup({ params: b, lr: 0.5 });
      for (let step = 4; step <= 6; step++) {
        setGradients([a, b], step);
        optimizer.step();
      }
      const [, alone] = begin({}, row);
      const other = make([alone], { ...last, lr: 0.5 });
      for (let step = 4; step <= 6; step++) {
        setGradients([a, alone], step);
        other.step();
      }
      expect(optimizer.paramGroups.map(({ lr, params }) => [lr, params.length])).toEqual([[optimizer.defaults.lr, 1], [0.5, 1]]); // prettier-ignore
      expect(await valuesOf([b])).toEqual(await valuesOf([alone]));
    });
  });
}

test("Adam with decoupled weight decay is AdamW", async () => {
  const [params, others] = [begin(), begin()];
  descend(new optim.Adam(params, { weightDecay: 0.1, decoupledWeightDecay: true }), params, 1, steps);
  descend(new optim.AdamW(others, { weightDecay: 0.1 }), others, 1, steps);
  expect(await valuesOf(params)).toEqual(await valuesOf(others));
});

test("Muon takes matrices only", () => {
  expect(() => new optim.Muon(begin())).toThrow(
    "Muon: updates matrices, got shape [2] at place 1 of the group\n  hint: give the others to an AdamW",
  );
});

test("the state of every optimizer goes through a checkpoint", async () => {
  const make = (): [Tensor[], Record<string, optim.OptimizerBase<{ lr: number }>>] => {
    const rows = Object.entries(optimizers).map(([name, row]) => ({ name, row, params: begin({}, row) }));
    const last = begin();
    const made = rows.map(({ name, row, params }) => [name, row.make(params)] as const);
    return [
      [...rows.flatMap(({ params }) => params), ...last],
      { ...Object.fromEntries(made), LBFGS: new optim.LBFGS(last) },
    ];
  };
  const [params, made] = make();
  setGradients(params.slice(0, 2), 1);
  for (const param of params)
    param.grad = params[0]!.grad!.reshape(-1).narrow(0, 0, param.numel()).reshape(param.shape);
  for (const optimizer of Object.values(made)) await optimizer.step(() => 1);
  const [, others] = make();
  await loadCheckpoint(await encodeCheckpoint(made), others);
  for (const [name, optimizer] of Object.entries(made))
    expect([name, await flattened(others[name]!.stateDict())]).toEqual([name, await flattened(optimizer.stateDict())]);
});
