"""Writes packages/nn/test/fixtures/convolution*.json and pooling*.json from PyTorch: convolutions and pools.

Run: /usr/bin/python3 tools/reference/convolution.py
Weights and inputs are short numbers, so that sums are exact and the order in which PyTorch adds does not show.
"""

import torch
from torch import nn
from torch.nn import functional

from nn import grid, inf, nan, plain, printed, run, snake, values, words, write


def keywords(options):
    """Options as PyTorch takes them."""
    found = {snake(key): tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    if "dtype" in found:
        found["dtype"] = getattr(torch, found["dtype"])
    return found


def layer(name, args, options):
    return getattr(nn, name)(*[tuple(a) if isinstance(a, list) else a for a in args], **keywords(options))


def convolution(rows, name, args, shape, options=None, title=None):
    options = options or {}
    dtype = getattr(torch, options.get("dtype", "float32"))
    module = layer(name, args, options)
    with torch.no_grad():
        for i, parameter in enumerate(module.parameters()):
            parameter.copy_(grid(*parameter.shape, dtype=dtype, seed=20 + i))
    rows.append(run(name, module, [(grid(*shape, dtype=dtype), True)], args, options, title))


def convolutions():
    rows = []
    for args, shape, options in [
        ([1, 1, 1], [1, 1, 3, 3], {}),
        ([1, 4, 3], [2, 1, 5, 6], {"padding": 1}),
        ([3, 2, [3, 2]], [2, 3, 5, 4], {}),
        ([2, 4, 3], [1, 2, 7, 6], {"stride": 2}),
        ([2, 4, 3], [2, 2, 7, 6], {"stride": 2, "padding": 1, "bias": False}),
        ([2, 3, [2, 3]], [2, 2, 5, 4], {"stride": [2, 1], "padding": [0, 2]}),
        ([2, 3, [3, 1]], [1, 2, 6, 6], {"stride": [3, 2], "padding": [2, 0], "dilation": [1, 1]}),
        ([4, 4, 3], [1, 4, 4, 5], {"groups": 4, "padding": 1}),
        ([2, 6, 2], [2, 2, 3, 3], {"groups": 2}),
        ([4, 6, 3], [1, 4, 9, 8], {"groups": 2, "stride": 2, "dilation": 2, "padding": 2}),
        ([2, 2, 3], [1, 2, 6, 5], {"dilation": [2, 1]}),
        ([1, 2, 2], [1, 1, 7, 5], {"stride": 3, "dilation": 2, "padding": 1}),
        ([2, 2, 3], [2, 2, 4, 3], {"padding": "same"}),
        ([1, 2, [2, 4]], [1, 1, 4, 5], {"padding": "same", "bias": False}),
        ([1, 2, 3], [1, 1, 6, 7], {"padding": "same", "dilation": [2, 3]}),
        ([2, 2, 3], [1, 2, 4, 5], {"padding": "valid", "stride": 2}),
        ([1, 2, 2], [2, 1, 5, 6], {"stride": 3}),
        ([1, 2, 2], [1, 1, 3, 2], {"padding": 4}),
        ([2, 3, 1], [2, 2, 5, 4], {"stride": 2}),
        ([2, 3, 2], [2, 2, 4, 6], {"stride": 2}),
        ([2, 1, [3, 4]], [2, 2, 3, 4], {}),
        ([2, 3, 3], [2, 5, 5], {"padding": 1}),
        ([2, 3, 3], [0, 2, 4, 4], {}),
        ([2, 2, 3], [1, 2, 4, 4], {"dtype": "float64", "padding": 1, "stride": 2}),
        ([1, 2, 3], [1, 1, 4, 5], {"padding": [1, 2], "paddingMode": "reflect"}),
        ([1, 2, [3, 2]], [2, 1, 3, 4], {"padding": "same", "paddingMode": "reflect"}),
        ([1, 2, 3], [1, 1, 4, 3], {"padding": [2, 1], "paddingMode": "replicate", "stride": 2}),
        ([2, 2, 3], [1, 2, 3, 4], {"padding": [1, 2], "paddingMode": "circular", "groups": 2, "bias": False}),
        ([1, 1, 3], [1, 1, 4, 4], {"padding": "valid", "paddingMode": "circular"}),
    ]:
        convolution(rows, "Conv2d", args, shape, options)
    for args, shape, options in [
        ([2, 3, 3], [2, 2, 7], {}),
        ([2, 3, 3], [2, 2, 7], {"stride": 2, "padding": 2, "dilation": 2}),
        ([4, 4, 2], [1, 4, 5], {"groups": 4, "bias": False}),
        ([1, 2, [4]], [2, 1, 6], {"padding": "same"}),
        ([2, 1, 1], [2, 4], {"stride": 3}),
        ([1, 2, 3], [1, 1, 5], {"padding": 2, "paddingMode": "reflect"}),
        ([1, 2, 3], [1, 1, 5], {"padding": 2, "paddingMode": "replicate"}),
        ([1, 2, 2], [1, 1, 5], {"padding": [3], "paddingMode": "circular", "dtype": "float64"}),
    ]:
        convolution(rows, "Conv1d", args, shape, options)
    for args, shape, options in [
        ([1, 1, 1], [1, 1, 2, 3], {}),
        ([2, 3, 3], [2, 2, 3, 4], {}),
        ([2, 3, 3], [2, 2, 3, 2], {"stride": 2, "padding": 1, "outputPadding": 1}),
        ([2, 4, [2, 3]], [1, 2, 3, 3], {"stride": [3, 1], "padding": [1, 0], "bias": False}),
        ([2, 2, 2], [2, 2, 3, 3], {"stride": 2}),
        ([4, 6, 3], [1, 4, 3, 4], {"groups": 2, "stride": 2, "padding": [1, 2], "outputPadding": [0, 1]}),
        ([3, 3, 2], [1, 3, 3, 2], {"groups": 3, "dilation": 2}),
        ([1, 2, 2], [1, 1, 5, 6], {"padding": 2}),
        ([1, 2, 2], [1, 1, 3, 3], {"stride": 1, "dilation": 3, "outputPadding": 2}),
        ([1, 2, 1], [1, 1, 3, 3], {"stride": 3, "outputPadding": [2, 0]}),
        ([2, 1, 3], [2, 3, 3], {"stride": 2}),
        ([2, 2, 3], [1, 2, 3, 3], {"dtype": "float64", "padding": 1}),
    ]:
        convolution(rows, "ConvTranspose2d", args, shape, options)
    for args, shape, options in [
        ([2, 3, 3], [2, 2, 4], {"stride": 2, "padding": 1, "outputPadding": 1}),
        ([2, 4, 2], [2, 3], {"groups": 2, "dilation": 2, "bias": False}),
        ([1, 1, [3]], [1, 1, 5], {"padding": 3}),
    ]:
        convolution(rows, "ConvTranspose1d", args, shape, options)
    for args, shape in [([], [2, 3, 2]), ([0], [2, 3]), ([1, 2], [2, 3, 2, 2]), ([-2, -1], [2, 2, 3])]:
        rows.append(run("Flatten", nn.Flatten(*args), [(grid(*shape), True)], args))
    write("convolution", rows)


def pool_rows():
    """Pools of 2 dims with the inputs that are made for them, and of 1 dim."""
    torch.manual_seed(6)
    ties = torch.randint(0, 3, (2, 2, 6, 6)).float()
    lows = torch.full((1, 1, 4, 4), -inf)
    lows[0, 0, 3, 3] = 1.0
    odd = grid(1, 2, 5, 5, seed=8)
    odd[0, 0, 2, 2], odd[0, 1, 0, 0], odd[0, 1, 4, 3], odd[0, 1, 1, 3] = nan, inf, -inf, nan
    plane = grid(2, 3, 6, 7, seed=3)
    line = grid(2, 2, 9, seed=4)
    sizes = [
        ([2], {}, plane), ([2], {"stride": 2}, grid(2, 1, 4, 6)), ([3], {"stride": 2, "padding": 1}, plane), ([3], {"stride": 1}, plane), ([[2, 3]], {"stride": [3, 2]}, plane),
        ([[3, 2]], {"padding": [1, 0], "stride": [1, 2]}, plane), ([1], {}, grid(1, 2, 2, 3)), ([1], {"stride": 2}, plane), ([2], {"stride": 3}, plane), ([6], {}, grid(1, 1, 6, 6)),
        ([2], {"ceilMode": True}, plane), ([3], {"stride": 2, "ceilMode": True}, plane), ([3], {"stride": 2, "padding": 1, "ceilMode": True}, plane), ([2], {"stride": 3, "ceilMode": True}, grid(1, 1, 7, 5)), ([4], {"stride": 3, "padding": 2, "ceilMode": True}, plane),
        ([2], {}, grid(3, 4, 5)), ([3], {"padding": 1}, grid(3, 4, 5)), ([2], {}, grid(2, 2, 4, 4, dtype=torch.float64)), ([3], {"stride": 2, "padding": 1}, grid(1, 1, 5, 5, dtype=torch.float64)), ([2], {}, torch.zeros(0, 2, 4, 4)),
    ]
    maxima = [
        ([2], {}, ties), ([3], {"stride": 1}, ties), ([3], {"stride": 2, "padding": 1}, ties), ([2], {}, torch.ones(1, 1, 4, 4)), ([3], {"stride": 1, "padding": 1}, torch.ones(1, 1, 3, 3)),
        ([2], {"dilation": 2}, plane), ([[2, 3]], {"dilation": [3, 1], "stride": 1, "padding": [1, 1]}, plane), ([3], {"dilation": 2, "padding": 1, "stride": 2}, plane), ([2], {"dilation": 2, "stride": 2, "ceilMode": True}, plane), ([2], {"dilation": 3, "padding": 2, "stride": 1}, ties),
        ([2], {}, odd), ([3], {"stride": 2, "padding": 1}, odd), ([2], {"padding": 1}, lows), ([3], {"stride": 1, "padding": 1}, lows), ([2], {"dilation": 3, "padding": 2, "stride": 1}, lows),
    ]
    averages = [
        ([3], {"stride": 2, "padding": 1, "countIncludePad": False}, plane), ([[3, 2]], {"padding": [1, 1], "stride": [2, 1], "countIncludePad": False}, plane), ([3], {"stride": 2, "padding": 1, "ceilMode": True, "countIncludePad": False}, plane),
        ([2], {"divisorOverride": 3}, plane), ([3], {"padding": 1, "countIncludePad": False, "divisorOverride": -2}, plane), ([2], {"ceilMode": True, "countIncludePad": False}, plane), ([3], {"padding": 1}, odd),
    ]
    lines = [
        ([2], {}, line), ([3], {"stride": 2, "padding": 1}, line), ([[3]], {"stride": [1]}, line), ([2], {"ceilMode": True}, line), ([3], {"stride": 2, "padding": 1, "ceilMode": True}, grid(2, 8)), ([4], {}, grid(1, 2, 4, dtype=torch.float64)),
    ]
    return sizes, maxima, averages, lines


def pools():
    rows, found = [], []
    sizes, maxima, averages, lines = pool_rows()
    for name, cases in [
        ("MaxPool2d", sizes + maxima),
        ("AvgPool2d", sizes + averages),
        ("MaxPool1d", lines + [([3], {"dilation": 2, "stride": 1, "padding": 1}, grid(2, 2, 9))]),
        ("AvgPool1d", lines + [([3], {"padding": 1, "countIncludePad": False}, grid(2, 2, 9))]),
    ]:
        for args, options, x in cases:
            # What 1.13 refuses and 2 takes: an empty batch, and padding of half a dilated kernel.
            effective = options.get("dilation", 1)
            newer = isinstance(effective, int) and isinstance(args[0], int) and isinstance(options.get("padding", 0), int) and options.get("padding", 0) > args[0] // 2
            if newer:
                rows_of_two(rows, found, name, args, options, x)
                continue
            module = layer(name, args, options)
            rows.append(run(name, module, [(x, True)], args, options))
            if name.startswith("Max") and not x.isnan().any():
                form = functional.max_pool2d if name.endswith("2d") else functional.max_pool1d
                size = tuple(args[0]) if isinstance(args[0], list) else args[0]
                values_of, indices = form(x, size, **keywords(options), return_indices=True)
                found.append({"form": "m" + name[1:], "args": args, "options": options, "input": values(x), "values": values(values_of), "indices": values(indices)})
    write("pooling", rows)
    write("pooling-indices", found)


def rows_of_two(rows, found, name, args, options, x):
    """Padding beyond half the kernel but not half of its dilated span, which 2 takes: the formula, on a padded input."""
    pad = options["padding"]
    leaf = x.clone().requires_grad_()
    around = functional.pad(leaf, (pad,) * 4, value=-inf)
    module = layer(name, args, {**options, "padding": 0})
    output = module(around)
    row = run(name, module, [(x, True)], args, options)  # for its form: all numbers are replaced
    torch.manual_seed(77)
    seed = (torch.rand(output.shape) * 2 - 1).mul(16).round().div(16).to(output.dtype)
    output.backward(seed)
    # All -inf in a window: the gradient went to the padding, where 2 gives it to the window's first element.
    empty = output.isinf().any().item()
    row.update(output=values(output), gradOutput=values(seed), grads=[values(leaf.grad)], print=printed(layer(name, args, options)))
    if not empty:
        rows.append(row)


def initial_weights():
    rows = []
    for name, args, options in [
        ("Conv2d", [1, 2, 3], {}), ("Conv2d", [3, 4, [2, 3]], {"groups": 1, "bias": False}), ("Conv2d", [4, 2, 3], {"groups": 2, "padding": 1}), ("Conv2d", [2, 2, 1], {"dtype": "float64"}), ("Conv2d", [5, 3, 1], {"stride": 2}),
        ("Conv1d", [3, 2, 5], {}), ("Conv1d", [4, 4, 3], {"groups": 4}), ("ConvTranspose2d", [3, 2, [3, 2]], {}), ("ConvTranspose2d", [4, 6, 2], {"groups": 2}), ("ConvTranspose2d", [2, 3, 3], {"bias": False}), ("ConvTranspose1d", [2, 3, 4], {}),
    ]:
        for seed in [0, 42]:
            torch.manual_seed(seed)
            module = layer(name, args, options)
            dtype = module.weight.dtype
            rows.append({"module": name, "seed": seed, "args": args, "options": options, "shape": list(module.weight.shape), "weight": words(module.weight, dtype), "bias": None if module.bias is None else words(module.bias, dtype), "next": plain(torch.rand(1).item())})
    # Many bounds: 1/sqrt(in) comes to float32 in two ways.
    for size in range(1, 60):
        torch.manual_seed(size)
        module = nn.Conv2d(3, 1, (size, 1))
        rows.append({"module": "Conv2d", "seed": size, "args": [3, 1, [size, 1]], "options": {}, "shape": list(module.weight.shape), "weight": words(module.weight, torch.float32), "bias": words(module.bias, torch.float32), "next": plain(torch.rand(1).item())})
    write("convolution-init", rows)


if __name__ == "__main__":
    convolutions()
    pools()
    initial_weights()
