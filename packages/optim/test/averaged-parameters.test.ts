import { compile, noGrad, rand, type Tensor, tensor, ValueError, zeros } from "@downhill/core";
import { Linear } from "@downhill/nn";
import { describe, expect, test } from "vitest";
import { AveragedParameters, type AverageFn, getEmaAvgFn, getSwaAvgFn, SGD } from "../src/index.js";
import { begin, freshDevice, readFixture, valuesOf } from "./problem.js";

interface Case {
  readonly name: "swa" | "ema";
  readonly values: readonly number[][];
  readonly averages: readonly number[][];
}

const functions: Readonly<Record<Case["name"], AverageFn>> = { swa: getSwaAvgFn(), ema: getEmaAvgFn(0.8) };

const set = (x: Tensor, values: number[]): void => {
  noGrad(() => x.copy_(tensor(values, { dtype: x.dtype, device: x.device }).reshape(x.shape)));
};

describe("averages", () => {
  const cases = readFixture("averaged") as Case[];
  test.each(cases.map((row) => [row.name, row] as const))("are PyTorch's: %s", async (name, row) => {
    const param = zeros([2, 3], { dtype: "float64" }).requiresGrad_();
    const average = new AveragedParameters([param], { avgFn: functions[name] });
    for (const [i, values] of row.values.entries()) {
      set(param, values);
      average.updateParameters();
      (await valuesOf(average.averages)).forEach((value, at) => expect(value).toBeCloseTo(row.averages[i]![at]!, 14));
    }
    expect(average.nAveraged).toBe(10);
  });

  test("go into the tensors of a copy, which has another dtype or is of ints", async () => {
    const [a, n] = [tensor([1, 2], { requiresGrad: true }), tensor([3], { dtype: "int32" })];
    const into = [zeros([2], { dtype: "float64" }), zeros([1], { dtype: "int32" })];
    const average = new AveragedParameters([a, n], { into });
    average.updateParameters();
    set(a, [3, 4]);
    set(n, [8]);
    average.updateParameters();
    expect(await valuesOf(into)).toEqual([2, 3, 8]);
    expect(into[0]!.dtype).toBe("float64");
    expect(average.averages[0]).toBe(into[0]);
  });

  test("change places with the values, and back", async () => {
    const [a] = begin();
    const average = new AveragedParameters([a]);
    average.updateParameters();
    const first = await valuesOf([a]);
    set(a, [9, 9, 9, 9, 9, 9]);
    average.swap();
    expect(await valuesOf([a])).toEqual(first);
    expect(a.requiresGrad && a.isLeaf).toBe(true);
    average.swap();
    expect(await valuesOf([a])).toEqual([9, 9, 9, 9, 9, 9]);
    expect(await valuesOf(average.averages)).toEqual(first);
  });

  test("go on from their state dict", async () => {
    const params = begin();
    const [average, other] = [new AveragedParameters(params), new AveragedParameters(params)];
    average.updateParameters();
    set(params[1], [7, 8]);
    average.updateParameters();
    const dict = average.stateDict();
    other.loadStateDict(dict);
    for (const each of [average, other]) each.updateParameters();
    expect(await valuesOf(other.averages)).toEqual(await valuesOf(average.averages));
    expect(dict.nAveraged).toBe(2);
    for (const bad of [null, {}, { ...dict, nAveraged: -1 }, { ...dict, averages: [params[0]] }])
      expect(() => other.loadStateDict(bad as typeof dict)).toThrow(ValueError);
    expect(other.nAveraged).toBe(3);
  });

  test("are one Program each time, whatever their number; the first copies", () => {
    const device = freshDevice();
    const params = begin({ device });
    const average = new AveragedParameters(params, { avgFn: getSwaAvgFn() });
    average.updateParameters();
    const before = device.programs.compiled;
    for (let i = 0; i < 20; i++) average.updateParameters();
    expect(device.programs.compiled - before).toBe(1);
  });

  test("are the same in a compiled step", async () => {
    const run = async (wrap: (step: () => void) => () => void): Promise<number[]> => {
      const model = new Linear(3, 2);
      set(model.weight, [1, 2, 3, 4, 5, 6]);
      set(model.bias!, [1, 2]);
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const average = new AveragedParameters(model.parameters(), { avgFn: getEmaAvgFn(0.5) });
      const x = tensor([[1, 0, 2]]);
      const step = wrap(() => {
        optimizer.zeroGrad();
        model.forward(x).square().mean().backward();
        optimizer.step();
        average.updateParameters();
      });
      for (let i = 0; i < 6; i++) step();
      expect(average.nAveraged).toBe(6);
      return valuesOf(average.averages);
    };
    expect(await run(compile)).toEqual(await run((step) => step));
  });

  test.each([
    [() => new AveragedParameters([]), "params must be an iterable of tensors, got []"],
    [() => new AveragedParameters(rand([2]) as never), "params must be an iterable of tensors, got Tensor([2])"],
    [() => new AveragedParameters(begin(), { into: [rand([3, 2])] }), "into holds 1 tensors for 2"],
    [
      () => new AveragedParameters(begin(), { into: begin().reverse() }),
      "into has shape [2] at place 0, the tensor [3, 2]",
    ],
    [() => new AveragedParameters(begin(), { avgFn: 0.9 as never }), "avgFn must be a function, got 0.9"],
    [() => getEmaAvgFn(2), "getEmaAvgFn: decay must be in [0, 1], got 2"],
  ])("%s is refused", (make, message) => {
    expect(make).toThrow(message);
  });
});
