import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ones, tensor, type Tensor } from "@downhill/core";
import { GELU, Identity, Linear, Module, Parameter, ReLU, Sequential, Tanh } from "@downhill/nn";
import { printFloat } from "../src/print-number.js";
import { readFixture } from "./fixture.js";

class Block extends Module {
  body = new Sequential(new Linear(3, 3), new GELU());
  scale = new Parameter(ones([3]));
  skip = new Identity();
  bias: Parameter | null = null;
  override forward(x: Tensor): Tensor {
    return x;
  }
  override extraRepr(): string {
    return "width=3,\ndepth=2";
  }
}

class Lines extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
  override extraRepr(): string {
    return "first,\nsecond";
  }
}

class Empty extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

const shared = new ReLU();
const printed = [
  new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 1)),
  new Sequential(),
  new Sequential(new Sequential(new Linear(1, 1, { bias: false }), new Sequential(new Tanh())), new Identity()),
  new Block(),
  new Lines(),
  new Empty(),
  new Sequential(new Lines(), new Empty()),
  new Sequential(new Linear(1, 1), shared, new Linear(1, 1), shared),
  new Parameter(tensor([[1, 2.5]])),
  new Parameter(tensor([1]), { requiresGrad: false }),
];

const fixture = readFixture("printing") as (string | [number | string, string][])[];

describe("modules and parameters print as PyTorch prints them", () => {
  test.each(printed.map((value, i) => [fixture[i] as string, value] as const))("%s", (expected, value) => {
    expect(value.toString()).toBe(expected);
    expect(inspect(value)).toBe(expected); // console.log of Node
  });

  test("every row of the fixture is compared", () => {
    expect(fixture).toHaveLength(printed.length + 1);
  });

  test("numbers as Python writes floats", () => {
    for (const [value, text] of fixture.at(-1) as [number | string, string][])
      expect(printFloat(Number(value))).toBe(text);
  });

  test("inside other objects console.log indents them", () => {
    expect(inspect({ model: new Sequential(new ReLU()) })).toBe("{\n  model: Sequential(\n    (0): ReLU()\n  )\n}");
  });
});
