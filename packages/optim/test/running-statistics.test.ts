import { compile, defaultDevice, manualSeed, randn, setDefaultDevice, type Tensor } from "@downhill/core";
import { ReferenceBackend, registerBackend } from "@downhill/core/engine";
import { BatchNorm1d, Linear, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { afterEach, describe, expect, it } from "vitest";

afterEach(() => setDefaultDevice("cpu"));

describe("running statistics that no step needs", () => {
  it("wait in bounds, repeat their Programs, and are there for evaluation and for a state dict", async () => {
    const run = async (steps: number, compiled: boolean): Promise<unknown> => {
      setDefaultDevice(registerBackend(new ReferenceBackend(`statistics-${compiled}`)));
      manualSeed(11);
      const model = new Sequential(new BatchNorm1d(2), new Linear(2, 3), new BatchNorm1d(3, { momentum: null }));
      const optimizer = new SGD(model.parameters(), { lr: 0.01 });
      const x = randn([6, 2]);
      const eagerly = (batch: Tensor): void => {
        optimizer.zeroGrad();
        model.forward(batch).square().mul(0.5).sum().backward();
        optimizer.step();
      };
      const step = compiled ? compile(eagerly) : eagerly;
      let most = 0;
      let warm = 0;
      for (let i = 0; i < steps; i++) {
        step(x);
        most = Math.max(most, defaultDevice().pending.length, defaultDevice().changes.length);
        if (i === 100) warm = defaultDevice().programs.compiled;
      }
      expect(most).toBeLessThan(60);
      expect(defaultDevice().programs.compiled).toBe(warm);
      const evaluated = model.eval().forward(x);
      const state = model.stateDict();
      return {
        evaluated: await evaluated.tolist(),
        counts: [await state["0.numBatchesTracked"]!.item(), await state["2.numBatchesTracked"]!.item()],
        mean: await state["0.runningMean"]!.tolist(),
        variance: await state["2.runningVar"]!.tolist(),
      };
    };
    const eager = await run(1500, false);
    expect(eager).toMatchObject({ counts: [1500, 1500] });
    expect(await run(1500, true)).toEqual(eager);
  });
});
