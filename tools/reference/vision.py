"""Writes packages/nn/test/fixtures/{resizing,volumes,instances}.json from PyTorch: what changes the size of images, layers
of three spatial dims, and norms, dropouts and products of other kinds, as calls that packages/nn/test/calls.ts replays.

Run: /usr/bin/python3 tools/reference/vision.py
What PyTorch 1.13 lacks or prints otherwise than 2 does is written here as 2 has it.
"""

import re

import torch
from torch import nn as layers
from torch.nn import functional

from layers import Grad, function
from layers import layer as as_made
from nn import grid, snake, write

F64 = torch.float64
WIDE = {"dtype": "float64"}


def layer(*args, **rest):
    row = as_made(*args, **rest)
    row["print"] = re.sub(r"mode=([a-z-]+)\)", r"mode='\1')", row["print"].replace("None", "null"))
    row["print"] = re.sub(r"(in\d)_f", r"\1F", row["print"])
    return row


def pythonic(value):
    return tuple(pythonic(v) for v in value) if isinstance(value, list) else value


def keywords(options):
    return {snake(k): torch.float64 if v == "float64" else pythonic(v) for k, v in options.items()}


def stateless(rows, name, args, inputs, options=None, make=None, create=None):
    """A layer without parameters, called in float64 and once in float32."""
    options = options or {}
    make = make or getattr(layers, name)
    written = create if create is not None else [*args, *([options] if options else [])]
    for x in inputs:
        rows.append(layer(name, lambda: make(*map(pythonic, args), **keywords(options)), written, [(True, [Grad(x)], {}, None)]))


def named(name, base, **more):
    """A class of PyTorch 2 that 1.13 can be."""
    return type(name, (base,), more)


def shuffles(rows):
    big, small = grid(2, 8, 3, 2, dtype=F64), grid(2, 1, 6, 4, dtype=F64)
    for x in [big, big[0], big[None], big.float()]:
        rows.append(function("pixelShuffle", functional.pixel_shuffle, [Grad(x), 2]))
    for x in [small, small[0], small.float()]:
        rows.append(function("pixelUnshuffle", functional.pixel_unshuffle, [Grad(x), 2]))
    shuffled = lambda x, groups: x.unflatten(1, (groups, x.shape[1] // groups)).transpose(1, 2).reshape(x.shape)  # 1.13's has no gradient
    for x in [big, grid(1, 6, 5, dtype=F64)]:
        rows.append(function("channelShuffle", shuffled, [Grad(x), 2]))

    class ChannelShuffle(layers.ChannelShuffle):
        def forward(self, x):
            return shuffled(x, self.groups)

    stateless(rows, "PixelShuffle", [2], [big])
    stateless(rows, "PixelUnshuffle", [2], [small])
    stateless(rows, "ChannelShuffle", [4], [big], make=ChannelShuffle)
    stateless(rows, "Unflatten", [1, [2, 4]], [big, grid(3, 8)])
    stateless(rows, "Unflatten", [-1, [1, 2, -1]], [big])


def pads(rows):
    class Circular(layers.Module):
        def __init__(self, padding):
            super().__init__()
            dims = int(type(self).__name__[-2])
            self.padding = padding if isinstance(padding, tuple) else (padding,) * 2 * dims

        def forward(self, x):
            return functional.pad(x, self.padding, mode="circular")

        def extra_repr(self):
            return f"{self.padding}"

    class Zero(Circular):
        def forward(self, x):
            return functional.pad(x, self.padding)

    shapes = {1: [2, 3, 4], 2: [2, 1, 4, 3], 3: [1, 2, 3, 4, 3]}
    for dims, shape in shapes.items():
        x = grid(*shape, dtype=F64)
        wide = [[2, 1], [1, 2, 0, 2], [2, 1, 0, 1, 1, 2]][dims - 1]
        cut = [[-1, 2], [1, -1, -2, 1], [-1, 0, 2, -1, 1, -1]][dims - 1]
        for padding in [1, wide, cut]:
            stateless(rows, f"ConstantPad{dims}d", [padding, 3.5], [x])
            stateless(rows, f"ZeroPad{dims}d", [padding], [x], make=named(f"ZeroPad{dims}d", Zero))
            if padding != cut:
                stateless(rows, f"ReflectionPad{dims}d", [padding], [x])
                stateless(rows, f"ReplicationPad{dims}d", [padding], [x])
                stateless(rows, f"CircularPad{dims}d", [padding], [x], make=named(f"CircularPad{dims}d", Circular))
        for kind in ["Reflection", "Replication"]:
            stateless(rows, f"{kind}Pad{dims}d", [1], [x[0], x.float()])
    rows.append(function("pad", functional.pad, [Grad(grid(2, 3, dtype=F64)), [1, 2]], {"value": 2.5}))
    rows.append(function("pad", functional.pad, [Grad(grid(1, 2, 3, dtype=F64)), [2, 1]], {"mode": "reflect"}))
    rows.append(function("oneHot", lambda x: functional.one_hot(x, 4).int(), [torch.tensor([[0, 3], [2, 2]])], None, None))
    rows[-1]["calls"][0]["args"].append(4)


def adaptive(rows):
    shapes = {1: [2, 2, 7], 2: [1, 2, 5, 6], 3: [1, 1, 3, 5, 4]}
    sizes = {1: [1, 3, 4, [5], 9, None], 2: [1, [2, 3], 3, [None, 4], [6, 7]], 3: [2, [2, 3, 3], [None, 4, 1]]}
    for dims, shape in shapes.items():
        x, even = grid(*shape, dtype=F64), grid(1, 1, *[6] * min(dims, 2), *([2] if dims == 3 else []), dtype=F64)
        torch.manual_seed(5)
        ties = torch.randint(0, 3, shape).double()
        for size in sizes[dims]:
            name, given = f"AvgPool{dims}d", pythonic(size) if size is not None or dims > 1 else None
            if given is None:
                given = 7
            stateless(rows, f"AdaptiveAvgPool{dims}d", [given], [x], create=[list(given) if isinstance(given, tuple) else given])
            for sample in [ties]:
                create = [list(given) if isinstance(given, tuple) else given]
                stateless(rows, f"AdaptiveMaxPool{dims}d", [given], [sample], create=create)
                make = lambda: getattr(layers, f"AdaptiveMaxPool{dims}d")(given, return_indices=True)
                rows.append(layer(f"AdaptiveMaxPool{dims}d", make, [*create, {"returnIndices": True}], [(True, [Grad(sample)], {}, None)]))
        for size in [1, 2] if dims == 3 else [1, 2, 3]:
            stateless(rows, f"AdaptiveAvgPool{dims}d", [size], [even])
            stateless(rows, f"AdaptiveMaxPool{dims}d", [size], [even])
        for kind, form in [("avg", "Avg"), ("max", "Max")]:
            fn = getattr(functional, f"adaptive_{kind}_pool{dims}d")
            rows.append(function(f"adaptive{form}Pool{dims}d", fn, [Grad(x), 3]))
            rows.append(function(f"adaptive{form}Pool{dims}d", fn, [Grad(x.float()), 2]))
        fn = getattr(functional, f"adaptive_max_pool{dims}d")
        rows.append(function(f"adaptiveMaxPool{dims}d", fn, [Grad(x), 3], {"returnIndices": True}))
    lows = torch.full((1, 1, 5), -float("inf"), dtype=F64)
    rows.append(function("adaptiveMaxPool1d", functional.adaptive_max_pool1d, [Grad(lows), 3], {"returnIndices": True}))


def folds(rows):
    x = grid(2, 2, 5, 6, dtype=F64)
    for size, options in [(2, {}), ([2, 3], {}), ([3, 2], {"stride": 2, "padding": 1}), (2, {"dilation": [2, 1], "stride": [1, 3]}), ([1, 2], {"padding": [1, 2], "stride": [2, 1], "dilation": 2})]:
        stateless(rows, "Unfold", [size], [x, x[0]], options)
        rows.append(function("unfold", functional.unfold, [Grad(x), pythonic(size)], {k: pythonic(v) for k, v in options.items()}))
        columns = functional.unfold(x, pythonic(size), **keywords(options))
        blocks = grid(*columns.shape, dtype=F64, seed=3)
        stateless(rows, "Fold", [[5, 6], size], [blocks[0], blocks.float()], options)
        rows.append(function("fold", functional.fold, [Grad(blocks), (5, 6), pythonic(size)], {k: pythonic(v) for k, v in options.items()}))


def resized(rows, x, **options):
    mode = options.get("mode", "nearest")
    given = keywords(options)
    rows.append(function("interpolate", lambda x: functional.interpolate(x, **given), [Grad(x)], None, None))
    rows[-1]["calls"][0]["options"] = options
    if options.get("antialias") is None and len(rows) % 5 == 0:
        make = lambda: layers.Upsample(**given)
        rows.append(layer("Upsample", make, [options], [(True, [Grad(x)], {}, None)], title=mode))


def resizing(rows):
    line, image, volume = grid(2, 2, 5, dtype=F64), grid(1, 1, 4, 3, dtype=F64), grid(1, 1, 2, 3, 2, dtype=F64)
    for x in [line, image, volume]:
        dims = x.ndim - 2
        sizes = [{"size": 7}, {"size": 3}, {"size": 1}, {"scaleFactor": 2}, {"scaleFactor": 1.7}, {"scaleFactor": 0.6}, {"scaleFactor": 1.7, "recomputeScaleFactor": True}]
        sizes += [{"size": list(range(4, 4 + dims))}, {"scaleFactor": [2.0, 0.5, 1.5][:dims]}] if dims > 1 else [{"size": [6]}, {"size": 10}]
        for size in sizes:
            for mode in ["nearest", "nearest-exact", *(["area"] if "recomputeScaleFactor" in size or size.get("size") == 3 else [])]:
                resized(rows, x, mode=mode, **size)
            for mode in [["linear"], ["bilinear", "bicubic"], ["trilinear"]][dims - 1]:
                for corners in [True, False] if dims < 3 else [None]:
                    resized(rows, x, mode=mode, **size, **({} if corners is None else {"alignCorners": corners}))
    resized(rows, image, scaleFactor=2)
    for size in [{"size": [7, 3]}, {"size": [2, 2]}, {"scaleFactor": 0.45}, {"size": [1, 9]}]:
        for mode in ["bilinear", "bicubic"]:
            for corners in [True, False]:
                resized(rows, grid(1, 1, 7, 6, dtype=F64), mode=mode, antialias=True, alignCorners=corners, **size)
    for mode in ["bilinear", "bicubic", "nearest", "area"]:
        resized(rows, image.float(), mode=mode, size=[8, 6])  # by two: weights without rounding
    for size in [{"size": 8}, {"size": [3, 9]}, {"scaleFactor": 2}]:
        for name in ["UpsamplingNearest2d", "UpsamplingBilinear2d"]:
            stateless(rows, name, [], [image], size)


def volumes(rows):
    for args, shape, options in [([1, 2, 2], [1, 1, 3, 3, 4], {}), ([2, 3, [2, 1, 3]], [2, 2, 3, 4, 4], {"stride": [1, 2, 1], "padding": [1, 0, 1]}), ([2, 4, 3], [1, 2, 4, 3, 3], {"groups": 2, "padding": "same", "bias": False}), ([1, 1, 2], [1, 3, 4, 3], {"dilation": 2, "padding": 1}), ([1, 1, 3], [1, 1, 3, 3, 3], {"padding": 1, "paddingMode": "replicate"})]:
        given = {**options, **WIDE}
        rows.append(layer("Conv3d", lambda: layers.Conv3d(*map(pythonic, args), **keywords(given)), [*args, given], [(True, [Grad(grid(*shape, dtype=F64))], {}, None)]))
    for args, shape, options in [([1, 2, 2], [1, 1, 2, 3, 2], {"stride": 2}), ([2, 2, [2, 1, 3]], [2, 2, 2, 2, 3], {"padding": [1, 0, 1], "groups": 2}), ([1, 1, 3], [1, 2, 2, 2], {"stride": 2, "padding": 1, "outputPadding": 1, "bias": False})]:
        given = {**options, **WIDE}
        rows.append(layer("ConvTranspose3d", lambda: layers.ConvTranspose3d(*map(pythonic, args), **keywords(given)), [*args, given], [(True, [Grad(grid(*shape, dtype=F64))], {}, None)]))
    for name, args in [("Conv3d", [2, 3, [2, 3, 1]]), ("ConvTranspose3d", [2, 3, 2])]:
        rows.append(layer(name, lambda: getattr(layers, name)(*map(pythonic, args)), args, [], seed=3, title="as made"))
    x, w, b = Grad(grid(1, 2, 3, 3, 4, dtype=F64)), Grad(grid(3, 2, 2, 2, 2, dtype=F64, seed=2)), Grad(grid(3, dtype=F64, seed=3))
    rows.append(function("conv3d", functional.conv3d, [x, w, b], {"stride": 2, "padding": 1}))
    rows.append(function("convTranspose3d", functional.conv_transpose3d, [Grad(grid(1, 3, 2, 2, 3, dtype=F64)), w, Grad(grid(2, dtype=F64, seed=3))], {"stride": 2, "padding": 1}))

    x = grid(2, 2, 4, 5, 4, dtype=F64)
    torch.manual_seed(6)
    ties = torch.randint(0, 3, (1, 2, 4, 4, 4)).double()
    for size, options in [(2, {}), (3, {"stride": 2, "padding": 1}), ([2, 1, 3], {"stride": 1, "ceilMode": True})]:
        for sample in [x, x[0], ties]:
            stateless(rows, "MaxPool3d", [size], [sample], options)
            stateless(rows, "AvgPool3d", [size], [sample], options)
        stateless(rows, "MaxPool3d", [size], [ties], {**options, "returnIndices": True})
        stateless(rows, "AvgPool3d", [size], [x], {**options, "countIncludePad": False, "divisorOverride": 5})
    rows.append(function("maxPool3d", functional.max_pool3d, [Grad(x), 2], {"stride": 1}))
    rows.append(function("avgPool3d", functional.avg_pool3d, [Grad(x), 2], {"stride": 1}))
    batches = [(True, [2, 3, 2, 1, 2]), (True, [1, 3, 2, 2, 2]), (False, [1, 3, 1, 1, 1])]
    for options in [{}, {"momentum": None}, {"affine": False}]:
        steps = [(training, [Grad(grid(*size, seed=20 + i, dtype=F64))], {}, None) for i, (training, size) in enumerate(batches)]
        rows.append(layer("BatchNorm3d", lambda: layers.BatchNorm3d(3, **keywords({**options, **WIDE})), [3, {**options, **WIDE}], steps))


def other_pools(rows):
    def powers(x, p, size, stride=None, ceil_mode=False):
        """1.13 has none of three dims."""
        mean = functional.avg_pool3d(x.pow(p), size, stride, 0, ceil_mode)
        return (torch.sign(mean) * functional.relu(mean.abs())).mul(torch.tensor(size).expand(3).prod()).pow(1 / p)

    class LPPool3d(layers.LPPool2d):
        def forward(self, x):
            return powers(x, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    for dims, shape in {1: [2, 2, 7], 2: [1, 2, 5, 7], 3: [1, 1, 3, 5, 3]}.items():
        x = grid(*shape, dtype=F64)
        for p, size, options in [(2.0, 2, {}), (1.0, 2, {"stride": 1}), (3.0, 3, {"ceilMode": True, "stride": 2})]:
            name = f"LPPool{dims}d"
            stateless(rows, name, [p, size], [x.abs()], options, make=LPPool3d if dims == 3 else None)
            fn = powers if dims == 3 else getattr(functional, f"lp_pool{dims}d")
            rows.append(function(f"lpPool{dims}d", fn, [Grad(x.abs()), p, size], options))
        pool = getattr(functional, f"max_pool{dims}d")
        for size, options in [(2, {}), (3, {"stride": 2, "padding": 1}), (2, {"stride": 1})]:
            if options.get("stride") == 1 and dims > 1:
                continue
            found, indices = pool(x, size, return_indices=True, **options)
            values_of = grid(*found.shape, dtype=F64, seed=4)
            asked = {**options, "outputSize": shape[2:]} if not (size == 2 and options) else options
            if options.get("stride") == 1:  # of two writes to one place, PyTorch's last stays; both write the same
                values_of = found
            fn = getattr(functional, f"max_unpool{dims}d")
            rows.append(function(f"maxUnpool{dims}d", fn, [Grad(values_of), indices, size], {k: v for k, v in asked.items()}))
            if size == 2 and not options:
                continue  # without the size of the result its indices do not fit
            make = lambda: getattr(layers, f"MaxUnpool{dims}d")(size, **options)
            rows.append(layer(f"MaxUnpool{dims}d", make, [size, *([options] if options else [])], [(True, [Grad(values_of), indices], {}, None)]))


def grids(rows):
    for align in [True, False]:
        for size in [[2, 1, 3, 4], [1, 2, 1, 5], [2, 1, 2, 3, 4]]:
            dims = len(size) - 2
            theta = grid(size[0], dims, dims + 1, seed=9, dtype=F64)
            rows.append(function("affineGrid", functional.affine_grid, [Grad(theta), size], {"alignCorners": align}))
        for padding in ["zeros", "border", "reflection"]:
            options = {"paddingMode": padding, "alignCorners": align}
            x, y = grid(2, 2, 4, 3, dtype=F64), grid(1, 2, 3, 2, 4, dtype=F64)
            # Odd 64ths: no coordinate is at a kink, and all of the arithmetic is exact.
            odd = lambda seed, *shape: (torch.randint(-74, 74, shape, generator=torch.Generator().manual_seed(seed)) * 2 + 1).to(F64) / 64
            at, deep = odd(4, 2, 3, 5, 2), odd(5, 1, 2, 3, 2, 3)
            for mode in ["bilinear", "nearest", "bicubic"]:
                place = (lambda g: g) if mode == "nearest" else Grad
                rows.append(function("gridSample", functional.grid_sample, [Grad(x), place(at)], {"mode": mode, **options}))
                if mode != "bicubic":
                    rows.append(function("gridSample", functional.grid_sample, [Grad(y), place(deep)], {"mode": mode, **options}))


def instances(rows):
    for dims, shape in {1: [2, 3, 4], 2: [2, 3, 3, 2], 3: [1, 3, 2, 2, 2]}.items():
        name = f"InstanceNorm{dims}d"
        make = getattr(layers, name)
        for options in [{}, {"affine": True}, {"trackRunningStats": True}, {"affine": True, "trackRunningStats": True, "momentum": 0.3, "eps": 0.01}]:
            batches = [(True, shape), (True, [shape[0] + 1, *shape[1:]]), (False, shape), (True, shape[1:])]
            steps = [(training, [Grad(grid(*size, seed=20 + i, dtype=F64) * (i + 1))], {}, None) for i, (training, size) in enumerate(batches)]
            rows.append(layer(name, lambda: make(3, **keywords({**options, **WIDE})), [3, {**options, **WIDE}], steps))
        if dims > 1:  # four values and their mean: PyTorch itself loses digits
            rows.append(layer(name, lambda: make(3), [3], [(True, [Grad(grid(*shape))], {}, None)], title="float32"))
        rows.append(layer(name, lambda: make(4, affine=True), [4, {"affine": True}], [], seed=3, title="as made"))
        x, w, b = Grad(grid(*shape, dtype=F64)), Grad(grid(3, seed=2, dtype=F64)), Grad(grid(3, seed=3, dtype=F64))
        mean, var = grid(3, seed=4, dtype=F64), grid(3, seed=5, dtype=F64).abs()
        rows.append(function("instanceNorm", functional.instance_norm, [x]))
        rows.append(function("instanceNorm", functional.instance_norm, [x, None, None, w, b], {"eps": 0.1}))
        rows.append(function("instanceNorm", functional.instance_norm, [x, mean, var, w, b], {"momentum": 0.4}, watched=[1, 2]))
        rows.append(function("instanceNorm", functional.instance_norm, [x, mean, var, w, b], {"useInputStats": False}, watched=[1, 2]))
    for shape in [[2, 5, 3], [1, 4, 2, 2], [1, 3, 2, 2, 2]]:
        for size, options in [(2, {}), (3, {"alpha": 0.5, "beta": 1.5, "k": 2.0}), (1, {"alpha": 1.0}), (5, {"alpha": 0.1})]:
            x = grid(*shape, dtype=F64)
            stateless(rows, "LocalResponseNorm", [size], [x], options)
            rows.append(function("localResponseNorm", functional.local_response_norm, [Grad(x), size], options))
    stateless(rows, "LocalResponseNorm", [2], [grid(2, 5, 3)])

    for lead in [[4], [2, 3], []]:
        for bias in [True, False]:
            inputs = [Grad(grid(*lead, 3, dtype=F64)), Grad(grid(*lead, 2, seed=2, dtype=F64))]
            given = {**WIDE, **({} if bias else {"bias": False})}
            rows.append(layer("Bilinear", lambda: layers.Bilinear(3, 2, 4, **keywords(given)), [3, 2, 4, given], [(True, inputs, {}, None)]))
            parameters = [Grad(grid(4, 3, 2, seed=3, dtype=F64)), Grad(grid(4, seed=4, dtype=F64)) if bias else None]
            rows.append(function("bilinear", functional.bilinear, [*inputs, *parameters]))
    for bias in [True, False]:
        rows.append(layer("Bilinear", lambda: layers.Bilinear(3, 5, 2, bias=bias), [3, 5, 2, {"bias": bias}], [], seed=4, title="as made"))

    for name, form, shape in [("Dropout1d", "dropout1d", [2, 3, 4]), ("Dropout2d", "dropout2d", [2, 3, 2, 2]), ("Dropout3d", "dropout3d", [1, 3, 2, 2, 2]), ("AlphaDropout", "alphaDropout", [2, 3]), ("FeatureAlphaDropout", "featureAlphaDropout", [2, 3, 4])]:
        x = Grad(grid(*shape, dtype=F64))
        fn = getattr(functional, snake(form) if "Alpha" in name else form)
        for p, training in [(0.0, True), (1.0, True), (0.4, False)]:
            rows.append(function(form, fn, [x, p], {"training": training}))
            rows.append(layer(name, lambda: getattr(layers, name)(p), [p], [(training, [x], {}, None), (False, [x], {}, None)]))
        rows.append(layer(name, lambda: getattr(layers, name)(inplace=True), [0.5, {"inplace": True}], [(False, [x.tensor], {}, None)]))


if __name__ == "__main__":
    for fixture, writers in {"resizing": [shuffles, pads, adaptive, folds, resizing, grids], "volumes": [volumes, other_pools], "instances": [instances]}.items():
        rows = []
        for writer in writers:
            writer(rows)
        write(fixture, rows)
