import {
  AutogradFunction,
  checkpoint,
  detectAnomaly,
  type FunctionContext,
  GradientError,
  grad,
  rand,
  setDetectAnomaly,
  setDefaultDevice,
  tensor,
  type Tensor,
} from "@downhill/core";
import { Device, ReferenceBackend } from "@downhill/core/engine";
import { afterEach, describe, expect, test } from "vitest";

const leaf = (data: number[], device?: Device): Tensor =>
  tensor(data, { requiresGrad: true, ...(device && { device }) });

function messageOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(GradientError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

/** The place of the call that `here` stands in, as a stack frame shows it. */
function here(offset = 0): RegExp {
  const frame = new Error().stack!.split("\n")[2]!;
  const [, file, line] = /([^/\\]+\.ts):(\d+):\d+/.exec(frame)!;
  return new RegExp(`${file!.replace(".", "\\.")}:${Number(line) + offset}:`);
}

afterEach(() => setDetectAnomaly(false));

describe("detectAnomaly", () => {
  test("names the op whose gradient is NaN, and the line that recorded it", () => {
    const x = leaf([4, 0]);
    let line = /none/;
    const message = messageOf(() =>
      detectAnomaly(() => {
        line = here(1);
        const root = x.sqrt();
        // 0 · Infinity
        root
          .mul(tensor([1, 0]))
          .sum()
          .backward();
      }),
    );
    expect(message).toMatch(/detectAnomaly: the gradient of sqrt is NaN, at \[1\] of its input of shape \[2\]/);
    expect(message).toMatch(line);
    expect(message).toContain("the forward values have no NaN");
    expect(x.grad).toBeNull();
  });

  test("names the op that made the first NaN of the forward pass, before the one whose gradient shows it", () => {
    const x = leaf([1, -1]);
    let line = /none/;
    const message = messageOf(() =>
      detectAnomaly(() => {
        line = here(1);
        const bad = x.log();
        const later = bad.exp().mul(bad);
        later.sum().backward();
      }),
    );
    expect(message).toMatch(/hint: log made the first NaN of the forward pass, at \[1\] of shape \[2\]/);
    expect(message.split("hint:")[1]).toMatch(line);
  });

  test("names composites, and the caller's line, not theirs", () => {
    const x = leaf([Infinity, 1]);
    let line = /none/;
    const message = messageOf(() =>
      detectAnomaly(() => {
        line = here(1);
        const y = x.softmax(0);
        y.mul(y).sum().backward();
      }),
    );
    expect(message).toMatch(/hint: sub in softmax made the first NaN of the forward pass, at \[0\] of shape \[2\]/);
    expect(message.split("hint:")[1]).toMatch(line);
    expect(message).not.toMatch(/packages\/core\/src/);
  });

  test("tells of a NaN that a tensor was made with", () => {
    const message = messageOf(() => detectAnomaly(() => leaf([NaN, 1]).exp().sum().backward()));
    expect(message).toMatch(
      /the gradient of exp is NaN.*\n {2}hint: a tensor was made with NaN, at \[0\] of shape \[2\]/,
    );
  });

  test("tells of a returned value with NaN, without any backward", () => {
    const message = messageOf(() =>
      detectAnomaly(() => [
        tensor([1]).mul(2),
        tensor([0, 1])
          .div(tensor([0, 1]))
          .sub(1),
      ]),
    );
    expect(message).toMatch(
      /the function returned a tensor of shape \[2\] with NaN\n {2}hint: div made the first NaN of the forward pass, at \[0\]/,
    );
  });

  test("watches grad(), backward within backward, custom functions and checkpoints", () => {
    class Bad extends AutogradFunction {
      static forward(_ctx: FunctionContext, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(_ctx: FunctionContext, g: Tensor): Tensor {
        return g.mul(NaN);
      }
    }
    const x = leaf([1, 2]);
    expect(messageOf(() => detectAnomaly(() => grad(Bad.apply(x).sum(), x)))).toContain(
      "the gradient of Bad is NaN, at [0] of its input of shape [2]",
    );
    const root = (): void =>
      checkpoint((x) => x.sqrt(), leaf([0]))
        .mul(0)
        .sum()
        .backward();
    expect(messageOf(() => detectAnomaly(root))).toContain("the gradient of sqrt is NaN");
    const twice = (): Tensor[] => {
      const y = leaf([0, 1]);
      const [slope] = grad(y.pow(1.5).sum(), y, { createGraph: true });
      return grad(slope!.mul(tensor([0, 1])).sum(), y);
    };
    expect(messageOf(() => detectAnomaly(twice))).toContain("is NaN, at [0]");
  });

  test("is silent where there is no NaN, gives back the result, and changes no gradient", async () => {
    const x = leaf([1, 2]);
    const y = leaf([3, 4]);
    const loss = detectAnomaly(() => {
      const loss = x.mul(y).exp().mean();
      loss.backward();
      return loss;
    });
    const watched = [await loss.item(), await x.grad!.tolist(), await y.grad!.tolist()];
    x.grad = y.grad = null;
    const again = x.mul(y).exp().mean();
    again.backward();
    expect([await again.item(), await x.grad!.tolist(), await y.grad!.tolist()]).toEqual(watched);
  });

  test("is silent about infinities and about NaN that no gradient meets", () => {
    const x = leaf([1, -1]);
    detectAnomaly(() => {
      x.div(0).sum().backward();
      x.detach().log().mul(0);
      x.add(tensor([NaN, 1]))
        .sum()
        .backward(undefined, {});
    });
    expect(x.grad).not.toBeNull();
  });

  test("goes off afterwards, also when the function throws", () => {
    const bad = (): void => leaf([0]).sqrt().mul(0).sum().backward();
    expect(() => detectAnomaly(bad)).toThrow(GradientError);
    expect(bad).not.toThrow();
    detectAnomaly(() => detectAnomaly(() => 1));
    expect(bad).not.toThrow();
  });

  test("refuses a function that returns a Promise", () => {
    expect(() => detectAnomaly(async () => rand([1]).item())).toThrow(
      /returned a Promise.*\n {2}hint: use setDetectAnomaly\(true\)/,
    );
  });
});

test("setDetectAnomaly watches until it is set again, across awaits; ops recorded before have no line", async () => {
  const early = leaf([0]).sqrt();
  setDetectAnomaly(true);
  await Promise.resolve();
  expect(messageOf(() => early.mul(0).sum().backward())).toContain(
    "sqrt is NaN, at [0] of its input of shape [1]; it was recorded before anomaly mode was on",
  );
  setDetectAnomaly(false);
  expect(() => leaf([0]).sqrt().mul(0).sum().backward()).not.toThrow();
});

test("a device that is read asynchronously is refused, by its name", () => {
  class Later extends ReferenceBackend {
    override read(): never {
      return Promise.resolve(new Float32Array(1)) as never;
    }
  }
  const device = new Device("later", new Later("later"));
  const x = leaf([1], device);
  try {
    setDefaultDevice(device);
    expect(messageOf(() => detectAnomaly(() => x.exp().sum().backward()))).toMatch(
      /reads every gradient at once, and later is read asynchronously\n {2}hint: look for the NaN on the CPU/,
    );
  } finally {
    setDefaultDevice("cpu");
  }
  expect(x.grad).toBeNull();
});
