import { describe, expect, it, vi } from "vitest";
import { assign } from "../src/engine.js";
import {
  compile,
  explain,
  type Explanation,
  noGrad,
  rand,
  type Tensor,
  tensor,
  TraceError,
  ValueError,
} from "../src/index.js";

const softmaxOf = (x: Tensor) => (): Tensor => x.softmax(1);
/** Explains the second run of something, when it is compiled. */
function again<T>(fn: () => T): Explanation<T> {
  explain(fn as () => unknown, { print: false });
  return explain(fn as () => unknown, { print: false }) as Explanation<T>;
}

describe("explain gives data", () => {
  it("on the Programs that ran: new or not, how often, in which tier", () => {
    const x = rand([5, 7]);
    const work = (): Tensor => x.mul(2).sub(1);
    const first = explain(work, { print: false });
    expect(first.programs).toMatchObject([{ isNew: true, runs: 1, replays: 0, tier: "interpreted", device: "cpu" }]);
    const second = explain(work, { print: false });
    expect(second.programs).toMatchObject([{ isNew: false, runs: 1, replays: 0, tier: "compiled" }]);
    expect(second.programs[0]!.compileMs).toBeGreaterThan(0);
    expect(second.result.shape).toEqual([5, 7]);
  });

  it("on each kernel: its loops, and which of them reduce, ops, operations and bytes", () => {
    const { kernels, nodes, numbers, inputs, outputs } = again(softmaxOf(rand([5, 7]))).programs[0]!;
    expect(nodes).toBe(5);
    expect(numbers).toBe(0);
    expect(inputs).toMatchObject([{ name: "in1", shape: [5, 7], bytes: 140 }]);
    expect(outputs).toMatchObject([{ name: "out1", shape: [5, 7], inPlace: false }]);
    const loops = [
      { size: 5, reduces: false },
      { size: 7, reduces: true },
    ];
    expect(kernels[0]).toMatchObject({
      kind: "loop",
      interpreted: false,
      loops,
      ops: ["max"],
      operations: 35,
      bytesRead: 140,
      bytesWritten: 20,
      writes: [{ name: "t1", shape: [5, 1], dtype: "float32" }],
    });
    expect(kernels[1]).toMatchObject({ loops, ops: ["sub", "exp", "sum"], operations: 3 * 35 });
    expect(kernels.at(-1)!.writes).toMatchObject([{ name: "out1" }]);
  });

  it("on matrix products, with two operations for each product", () => {
    const x = rand([16, 32]);
    const y = rand([24, 32]).transpose(0, 1);
    const { kernels } = again(() => x.matmul(y)).programs[0]!;
    expect(kernels).toMatchObject([
      {
        kind: "matmul",
        loops: [
          { size: 16, reduces: false },
          { size: 24, reduces: false },
          { size: 32, reduces: true },
        ],
        operations: 2 * 16 * 24 * 32,
        bytesRead: 4 * 32 * (16 + 24),
        bytesWritten: 4 * 16 * 24,
      },
    ]);
  });

  it("on what is interpreted: a kernel for each op", () => {
    const x = rand([3, 4]);
    const { programs } = explain(() => x.add(1).amax(1), { print: false });
    expect(programs[0]!.kernels).toMatchObject([
      { kind: "node", interpreted: true, ops: ["add"], operations: 12 },
      { kind: "node", interpreted: true, ops: ["max"], operations: 12, bytesRead: 48, bytesWritten: 12 },
    ]);
  });

  it("on updates in place, and on replays of a compiled function", () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const step = compile(() => {
      w.grad = null;
      w.mul(w).sum().backward();
      noGrad(() => assign(w, w.sub(w.grad!.mul(0.1))));
    });
    step();
    step();
    const { programs } = explain(
      () => {
        step();
        step();
      },
      { print: false },
    );
    expect(programs).toMatchObject([{ runs: 2, replays: 2, isNew: false, tier: "compiled" }]);
    const writes = programs[0]!.kernels.flatMap((kernel) => kernel.writes);
    expect(writes.filter(({ inPlace }) => inPlace)).toMatchObject([{ name: "in1", shape: [3] }]);
  });

  it("on what fn leaves pending, and not on what was pending before", () => {
    const before = rand([4]).add(1);
    const { programs } = explain(() => void before.mul(3), { print: false });
    expect(programs).toHaveLength(1);
    expect(programs[0]!.kernels.flatMap(({ ops }) => ops)).toEqual(["mul"]);
    expect(explain(() => 5, { print: false })).toMatchObject({ programs: [], result: 5 });
  });
});

describe("explain", () => {
  it("waits for an asynchronous function", async () => {
    const x = rand([3]);
    const { programs, result } = await explain(
      async () => (await x.add(1).data()).length + (await x.sum().item()) * 0,
      {
        print: false,
      },
    );
    expect(result).toBe(3);
    expect(programs.map(({ kernels }) => kernels.flatMap(({ ops }) => ops))).toEqual([["add"], ["sum"]]);
  });

  it("prints a table of at most 100 columns", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const x = rand([64, 32]);
    const y = rand([32, 16]);
    try {
      explain(() => {
        const z = x.matmul(y).softmax(1);
        return [
          z.log().sin().cos().exp().erf().sqrt().tanh().sum(0),
          z.amax(1),
          z.cumsum(1),
          z.argsort(1),
          z.where(z.gt(0.5), 1),
        ];
      });
      const text = log.mock.calls[0]![0] as string;
      expect(text).toMatch(/^explain: 1 Program, 1 run · \d+ kernels · /);
      expect(text).toContain("Program 1 on cpu: ");
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    } finally {
      log.mockRestore();
    }
  });

  it("stops listening when fn throws", async () => {
    expect(() =>
      explain(() => {
        throw new RangeError("mine");
      }),
    ).toThrow("mine");
    await expect(explain(() => Promise.reject(new RangeError("later")))).rejects.toThrow("later");
    expect(again(() => rand([2]).add(1)).programs).toHaveLength(1);
  });

  it("refuses what it cannot explain", () => {
    expect(() => explain(3 as unknown as () => void)).toThrow(ValueError);
    expect(() => explain(() => 1, { prin: true } as object)).toThrow('unknown option "prin"');
    expect(() => compile(() => explain(() => rand([2])).result)()).toThrow(TraceError);
  });
});
