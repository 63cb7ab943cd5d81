/** What JavaScript callers get wrong, and TypeScript would have refused: an error at the line, never a raw TypeError. */
import { describe, expect, it } from "vitest";
import * as core from "@downhill/core";

const { tensor, zeros } = core;
const wrong = (value: unknown): never => value as never;
const leaf = () => tensor([1, 2], { requiresGrad: true });

describe.each<[name: string, call: () => unknown, message: RegExp]>([
  ["copy_ of an array", () => zeros([2]).copy_(wrong([1, 2])), /copy_: expects a tensor or a number, got \[1, 2\]/],
  ["copy_ of nothing", () => zeros([2], { dtype: "int32" }).copy_(wrong(undefined)), /copy_: expects a tensor/],
  ["a hook that is no function", () => leaf().registerHook(wrong(3)), /registerHook: takes a function, got 3/],
  ["requiresGrad that is no boolean", () => (leaf().requiresGrad = wrong("yes")), /requiresGrad must be true or false/],
  ["setGradEnabled of a text", () => core.setGradEnabled(wrong("no")), /setGradEnabled: takes true or false, got "no"/],
  [
    "keepdim of a text",
    () => zeros([2]).sum(0, { keepdim: wrong("false") }),
    /sum: keepdim must be true or false, got "false"/,
  ],
  ["size of a text", () => zeros([2]).size(wrong("a")), /size: dim "a" is out of range for \[2\]/],
  ["jacobian of no function", () => core.jacobian(wrong(leaf()), leaf()), /jacobian: takes a function, got Tensor/],
  ["hessian of nothing", () => core.hessian(wrong(undefined), leaf()), /hessian: takes a function, got undefined/],
  ["detectAnomaly of nothing", () => core.detectAnomaly(wrong(undefined)), /detectAnomaly: takes a function/],
  ["composite of a number", () => core.composite(wrong(3)), /composite: takes a function, got 3/],
  ["keep of a number", () => core.keep(wrong(3)), /keep: expects a tensor, got 3/],
  [
    "new Tensor of an array",
    () => new core.Tensor(wrong([1, 2])),
    /Tensor: is not made with new, got \[1, 2\]\n {2}hint: write tensor/,
  ],
  [
    "JSON of a tensor",
    () => JSON.stringify({ w: leaf() }),
    /toJSON: .*\n {2}hint: JSON.stringify\(await x.tolist\(\)\)/,
  ],
  ["too large a tensor", () => zeros([1e6, 1e6]), /no memory for 1000000000000 elements of float32 \(3725.3 GiB\)/],
  [
    "to nothing",
    () => leaf().to(wrong(undefined)),
    /to: takes a dtype or a device, got undefined\n {2}hint: the dtypes are bool/,
  ],
  ["to a dtype there is not", () => leaf().to("bfloat16"), /to: takes a dtype or a device, got "bfloat16"/],
  ["bernoulli of a number", () => core.bernoulli(wrong(0.5)), /bernoulli: expects a tensor, got 0.5/],
])("%s", (_, call, message) => {
  it("is an error that names the op, the value and the way out", () => {
    expect(call).toThrow(message);
    expect(core.isGradEnabled()).toBe(true);
  });
});

describe("a .grad that was set by hand", () => {
  it.each<[unknown, RegExp]>([
    [3, /\.grad must be null or a float32 tensor, got 3/],
    [undefined, /got undefined/],
    [zeros([2], { dtype: "int32" }), /got int32/],
    [zeros([3]), /\.grad has shape \[3\]/],
  ])("%s is refused at backward, and nothing is lost", (value, message) => {
    const w = leaf();
    const loss = w.mul(w).sum();
    w.grad = value as never;
    expect(() => loss.backward(null, { retainGraph: true })).toThrow(message);
    w.grad = null;
    loss.backward();
    expect(w.grad).not.toBeNull();
  });
});

describe("numbers beyond an integer dtype", () => {
  it("compare as numbers do", async () => {
    const bytes = tensor([0, 255], { dtype: "uint8" });
    expect(await bytes.eq(-2).tolist()).toEqual([false, false]);
    expect(await bytes.lt(256).tolist()).toEqual([true, true]);
    expect(await core.gt(300, bytes).tolist()).toEqual([true, true]);
    const ints = tensor([2 ** 31 - 1, -5], { dtype: "int32" });
    expect(await ints.lt(2 ** 31).tolist()).toEqual([true, true]);
    expect(await ints.ge(3e9).tolist()).toEqual([false, false]);
    expect(await ints.ne(2 ** 31).tolist()).toEqual([true, true]);
  });
});

describe("sums and products of bytes", () => {
  it("are taken modulo 256, numbers included, as PyTorch does", async () => {
    const bytes = tensor([5, 250], { dtype: "uint8" });
    const found = [
      bytes.add(-1),
      bytes.add(300),
      bytes.mul(-1),
      bytes.sub(300),
      core.sub(300, bytes),
      bytes.add(bytes, { alpha: -1 }),
    ];
    expect(await Promise.all(found.map((x) => x.tolist()))).toEqual([
      [4, 249],
      [49, 38],
      [251, 6],
      [217, 206],
      [39, 50],
      [0, 0],
    ]);
    expect(() => tensor([1], { dtype: "int32" }).add(2 ** 31)).toThrow("add: 2147483648 does not fit int32");
  });
});

describe("options that are numbers", () => {
  it("never compile a new Program, at 1 neither", async () => {
    const [x, y] = [core.rand([3]), core.rand([3])];
    const run = async (v: number): Promise<void> => {
      await x
        .add(y, { alpha: v })
        .sub(y, { alpha: v })
        .addcmul(x, y, { value: v })
        .elu({ alpha: v })
        .softplus({ beta: v })
        .data();
    };
    await run(0.5);
    const before = core.defaultDevice().programs.compiled;
    for (const v of [1, 2, 0.25]) await run(v);
    expect(core.defaultDevice().programs.compiled).toBe(before);
  });
});
