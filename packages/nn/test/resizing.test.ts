import { describe, expect, test } from "vitest";
import { gradcheck, gradgradcheck, manualSeed, ones, randn, tensor, type Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";

const { functional } = nn;

describe("gradients are the slopes, to the second order", () => {
  manualSeed(0);
  const wide = { dtype: "float64", requiresGrad: true } as const;
  const line = randn([2, 2, 5], wide);
  const plane = randn([1, 2, 4, 5], wide);
  const rows: Record<string, [(...inputs: Tensor[]) => Tensor, ...Tensor[]]> = {
    pixelShuffle: [(x) => functional.pixelShuffle(x, 2), randn([4, 2, 2], wide)],
    channelShuffle: [(x) => functional.channelShuffle(x, 2), randn([1, 4, 2], wide)],
    "adaptiveAvgPool2d of windows that overlap": [(x) => functional.adaptiveAvgPool2d(x, [3, 2]), plane],
    "adaptiveMaxPool2d of windows that overlap": [(x) => functional.adaptiveMaxPool2d(x, [3, 2]), plane],
    unfold: [(x) => functional.unfold(x, [2, 3], { stride: 2, padding: 1 }), plane],
    fold: [(x) => functional.fold(x, [3, 4], 2), randn([1, 4, 6], wide)],
    "interpolate by copies": [(x) => functional.interpolate(x, { scaleFactor: 2 }), line],
    "interpolate by nearest": [(x) => functional.interpolate(x, { size: 7 }), line],
    "interpolate by lines": [(x) => functional.interpolate(x, { size: 7, mode: "linear" }), line],
    "interpolate by cubics": [(x) => functional.interpolate(x, { size: [3, 6], mode: "bicubic" }), plane],
    gridSample: [(x, at) => functional.gridSample(x, at), plane, randn([1, 2, 3, 2], wide)],
    "gridSample by cubics": [
      (x, at) => functional.gridSample(x, at, { mode: "bicubic" }),
      plane,
      randn([1, 1, 2, 2], wide),
    ],
    affineGrid: [(theta) => functional.affineGrid(theta, [2, 1, 2, 3]), randn([2, 2, 3], wide)],
    instanceNorm: [(x, w) => functional.instanceNorm(x, null, null, w), line, randn([2], wide)],
    localResponseNorm: [(x) => functional.localResponseNorm(x, 3, { alpha: 0.5 }), line],
    bilinear: [
      (x, y, w) => functional.bilinear(x, y, w),
      randn([2, 2], wide),
      randn([2, 3], wide),
      randn([2, 2, 3], wide),
    ],
  };
  test.each(Object.entries(rows))("%s", async (_, [fn, ...inputs]) => {
    await gradcheck(fn, inputs);
    await gradgradcheck(fn, inputs);
  });
});

describe("what must not mix does not", () => {
  test("a pool of windows that overlap keeps an infinity in the windows that hold it", async () => {
    const x = tensor([[1, Infinity, 2, 3, 4]]);
    expect(await functional.adaptiveAvgPool1d(x, 3).tolist()).toEqual([[Infinity, Infinity, 3.5]]);
    expect(await functional.adaptiveMaxPool1d(x.neg(), 3).tolist()).toEqual([[-1, -2, -3]]);
  });

  test("resizing by lines reads an infinity only where it weighs", async () => {
    // From the places 0, 0.25, 0.75 and 1; PyTorch, too, multiplies what weighs nothing.
    const y = functional.interpolate(tensor([[[1, 2, Infinity]]]), { size: 6, mode: "linear" });
    const [[row]] = (await y.tolist()) as [[number[]]];
    expect(row.slice(0, 3)).toEqual([1, 1.25, 1.75]);
  });
});

test("an adaptive pool gives one size for images of any size", async () => {
  const pool = new nn.AdaptiveAvgPool2d(1);
  expect(pool.forward(ones([2, 3, 5, 7])).shape).toEqual([2, 3, 1, 1]);
  expect(await pool.forward(ones([1, 1, 9, 2])).item()).toBe(1);
});

describe("layers that change sizes refuse what makes no sense", () => {
  const loose = (value: unknown): never => value as never;
  const image = ones([1, 4, 4, 6]);
  test.each<[string, () => unknown, string]>([
    ["channels", () => functional.pixelShuffle(ones([3, 2, 2]), 2), "pixelShuffle: 3 channels do not divide by 2² (upscaleFactor), got shape [3, 2, 2]"],
    ["no image", () => functional.pixelShuffle(ones([4, 2]), 2), "pixelShuffle: the input must be [..., C, H, W], got shape [4, 2]"],
    ["a height", () => functional.pixelUnshuffle(image, 3), "pixelUnshuffle: height and width do not divide by 3 (downscaleFactor)"],
    ["groups", () => functional.channelShuffle(image, 3), "channelShuffle: 4 channels do not divide into 3 groups"],
    ["a factor of 0", () => new nn.PixelShuffle(0), "PixelShuffle: upscaleFactor must be an integer of 1 or more, got 0"],
    ["sizes", () => new nn.Unflatten(1, loose(3)), "Unflatten: unflattenedSize must be an array of sizes, got 3"],
    ["padding", () => new nn.ZeroPad2d([1, 2]), "ZeroPad2d: padding must be an integer or [left, right, top, bottom], got [1, 2]"],
    ["half a padding", () => new nn.ConstantPad1d(0.5, 1), "ConstantPad1d: padding must be an integer or [left, right], got 0.5"],
    ["a value", () => new nn.ConstantPad1d(1, loose("x")), 'ConstantPad1d: value must be a number, got "x"'],
    ["dims", () => new nn.ReflectionPad1d(1).forward(image), "ReflectionPad1d: the input must be [N, C, L] or [C, L], got shape [1, 4, 4, 6]"],
    ["an output size", () => new nn.AdaptiveAvgPool2d([1, 2, 3]), "AdaptiveAvgPool2d: outputSize must be a number or 2 of them, got [1, 2, 3]"],
    ["none", () => new nn.AdaptiveMaxPool1d(0), "AdaptiveMaxPool1d: outputSize must be an integer of 1 or more, got 0"],
    ["indices", () => functional.adaptiveMaxPool2d(image, 2, { returnIndices: loose(1) }), "adaptiveMaxPool2d: returnIndices must be true or false, got 1"],
    ["nothing", () => functional.adaptiveAvgPool1d(ones([1, 0]), 1), "adaptiveAvgPool1d: the input has no elements to pool, got shape [1, 0]"],
    ["a block", () => functional.unfold(image, 5), "unfold: a block of 5 x 5 does not fit into an image of 4 x 6"],
    ["columns", () => functional.fold(ones([4, 5]), [3, 3], 2), "fold: for an image of 3 x 3 and blocks of 2 x 2 the input must be [N, C · 4, 4] or [C · 4, 4], got shape [4, 5]"],
    ["neither", () => functional.interpolate(image, {}), "interpolate: needs either size or scaleFactor, got none"],
    ["both", () => new nn.Upsample({ size: 2, scaleFactor: 2 }), "Upsample: needs either size or scaleFactor, got both"],
    ["a mode", () => new nn.Upsample({ size: 2, mode: loose("cubic") }), 'Upsample: unknown mode "cubic"\n  hint: one of "nearest"'],
    ["dims of a mode", () => functional.interpolate(image, { size: 2, mode: "linear" }), 'interpolate: the mode "linear" takes [N, C, L], got shape [1, 4, 4, 6]'],
    ["corners", () => functional.interpolate(image, { size: 2, alignCorners: true }), 'interpolate: alignCorners means nothing in the mode "nearest"'],
    ["antialias", () => functional.interpolate(image, { size: 2, antialias: true }), 'interpolate: antialias goes with "bilinear" and "bicubic", got "nearest"'],
    ["a factor", () => functional.interpolate(image, { scaleFactor: -1 }), "interpolate: scaleFactor must be above 0, got -1"],
    ["three sizes", () => functional.interpolate(image, { size: [1, 2, 3] }), "interpolate: size must be a number or 2 of them, got [1, 2, 3]"],
    ["nothing left", () => functional.interpolate(image, { scaleFactor: 0.1 }), "interpolate: input and result must have elements"],
    ["recomputing", () => functional.interpolate(image, { size: 2, recomputeScaleFactor: true }), "recomputeScaleFactor goes with scaleFactor, got a size"],
    ["an option", () => new nn.Upsample(loose({ size: 2, antialias: true })), 'Upsample: unknown option "antialias"'],
    ["one value", () => functional.instanceNorm(ones([2, 3, 1])), "instanceNorm: needs more than 1 value per channel, got shape [2, 3, 1]"],
    ["no statistics", () => functional.instanceNorm(image, null, null, null, null, { useInputStats: false }), "instanceNorm: the running mean and variance are needed without the input's, got null"],
    ["channels of a norm", () => new nn.InstanceNorm2d(3).forward(image), "InstanceNorm2d: the input must be [N, 3, H, W] or [3, H, W], got shape [1, 4, 4, 6]"],
    ["few dims", () => functional.localResponseNorm(ones([2, 3]), 2), "localResponseNorm: the input must be [N, C, L, …], got shape [2, 3]"],
    ["inputs", () => new nn.Bilinear(2, 3, 1).forward(ones([4, 2]), ones([4, 2])), "bilinear: with a weight [1, 2, 3] the inputs must be [..., 2] and [..., 3], got shapes [4, 2] and [4, 2]"],
    ["images for lines", () => functional.dropout1d(image), "dropout1d: the input must be [N, C, L] or [C, L], got shape [1, 4, 4, 6]"],
    ["no channels", () => functional.featureAlphaDropout(ones([3])), "featureAlphaDropout: the input must be [N, C, …], got shape [3]"],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  }); // prettier-ignore
});

describe("a grid", () => {
  test("of the identity gives the picture back, whichever corners it goes by", async () => {
    const x = randn([2, 3, 5, 4]);
    const still = tensor([[[1, 0, 0], [0, 1, 0]]]).expand(2, 2, 3); // prettier-ignore
    for (const alignCorners of [true, false]) {
      const at = functional.affineGrid(still, x.shape, { alignCorners });
      const off = functional.gridSample(x, at, { alignCorners }).sub(x).abs().amax();
      expect(await off.item()).toBeLessThan(1e-5);
    }
  });

  test("that holds NaN or lies far outside reads zeros, and fails nowhere", async () => {
    const at = tensor([[[[NaN, 0], [1e30, 0], [-Infinity, 0]]]]); // prettier-ignore
    for (const mode of ["bilinear", "nearest", "bicubic"] as const)
      expect(await functional.gridSample(ones([1, 1, 2, 2]), at, { mode }).tolist()).toEqual([[[[0, 0, 0]]]]);
  });

  test("that does not go with its picture is refused", () => {
    const x = ones([1, 1, 2, 2]);
    expect(() => functional.gridSample(x, ones([1, 2, 2, 3]))).toThrow("with a grid of shape [1, 2, 2, 3]");
    expect(() => functional.gridSample(x, ones([1, 2, 2, 2]), { mode: "area" as never })).toThrow(
      "mode must be one of",
    );
    expect(() => functional.gridSample(ones([1, 1, 2, 2, 2]), ones([1, 1, 1, 1, 3]), { mode: "bicubic" })).toThrow(
      'the mode "bicubic" takes [N, C, H, W]',
    );
    expect(() => functional.affineGrid(ones([1, 2, 3]), [2, 1, 4, 4])).toThrow("affineGrid: theta of shape [1, 2, 3]");
  });
});
