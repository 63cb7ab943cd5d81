"""Writes packages/nn/test/fixtures/*.json from PyTorch: initial weights, layers, losses and what modules print.

Run: /usr/bin/python3 tools/reference/nn.py
A case names the class and its arguments as TypeScript users write them; PyTorch's words become camelCase in print.
"""

import json
import math
import pathlib
import re
import warnings

import torch
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

TARGET = pathlib.Path(__file__).resolve().parents[2] / "packages/nn/test/fixtures"
NAMES = {torch.float32: "float32", torch.float64: "float64", torch.int32: "int32", torch.int64: "int32"}
inf, nan = math.inf, math.nan


def plain(value):
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == int(value) and abs(value) < 1e15 and not (value == 0 and math.copysign(1, value) < 0):
            return int(value)
    return value


def values(x):
    if x is None:
        return None
    return {"shape": list(x.shape), "dtype": NAMES[x.dtype], "data": [plain(v) for v in x.detach().reshape(-1).tolist()]}


def camel(name):
    return re.sub(r"_([a-z])", lambda m: m.group(1).upper(), name)


def snake(name):
    return re.sub(r"[A-Z]", lambda m: "_" + m.group(0).lower(), name)


def printed(module):
    text = re.sub(r"\b([a-z]+(?:_[a-z]+)+)=", lambda m: camel(m.group(1)) + "=", repr(module))
    return re.sub(r"=(True|False)\b", lambda m: "=" + m.group(1).lower(), text)


def write(name, rows):
    TARGET.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(row, allow_nan=False, separators=(",", ":")) for row in rows)
    path = TARGET / f"{name}.json"
    path.write_text(f"[\n{lines}\n]\n")
    print(f"{name}: {len(rows)} cases, {path.stat().st_size} bytes")


def words(data, dtype):
    """Numbers as their bits, so that not even the sign of a zero goes unseen."""
    view = data.detach().contiguous().reshape(-1)
    return view.view(torch.int32).tolist() if dtype == torch.float32 else [plain(v) for v in view.tolist()]


def initial_weights():
    """Linear layers right after manual_seed; `next` is the number drawn after them, so the stream stands right, too."""
    rows = []
    sizes = [(1, 1), (1, 2), (2, 1), (3, 4), (4, 4), (5, 3), (7, 2), (16, 1), (1, 16), (17, 3), (20, 5), (33, 2), (10, 10), (0, 3), (3, 0), (100, 1), (784, 1)]
    for seed in [0, 1, 42, 2**31 - 1, 123456789012]:
        for size in sizes if seed in (0, 42) else sizes[:11]:
            for bias in [True, False]:
                torch.manual_seed(seed)
                layer = nn.Linear(*size, bias=bias)
                rows.append(
                    {
                        "seed": seed,
                        "sizes": list(size),
                        "options": {} if bias else {"bias": False},
                        "weight": words(layer.weight, torch.float32),
                        "bias": words(layer.bias, torch.float32) if bias else None,
                        "next": torch.rand(1).item(),
                    }
                )
    for size in [(3, 4), (5, 3)]:
        torch.manual_seed(3)
        layer = nn.Linear(*size, dtype=torch.float64)
        rows.append({"seed": 3, "sizes": list(size), "options": {"dtype": "float64"}, "weight": words(layer.weight, torch.float64), "bias": words(layer.bias, torch.float64), "next": torch.rand(1).item()})
    write("linear-init", rows)
    # Many bounds: 1/sqrt(in) comes to float32 in two ways.
    rows = []
    for features in range(1, 600):
        torch.manual_seed(features)
        layer = nn.Linear(features, 1)
        rows.append([features, *words(layer.weight[0, :1], torch.float32), *words(layer.bias, torch.float32)])
    write("linear-bounds", rows)


def run(name, module, inputs, args=(), options=None, title=None):
    """Forward and backward of one module: its output, and the gradients of its inputs and parameters."""
    leaves = [x.clone().requires_grad_() if x.is_floating_point() and g else x.clone() for x, g in inputs]
    output = module(*leaves)
    row = {"module": name, "args": list(args), "options": options or {}, "title": title or "", "print": printed(module), "inputs": [{**values(x), "requiresGrad": x.requires_grad} for x in leaves]}
    row["state"] = {key: values(value) for key, value in module.state_dict().items()}
    row["output"] = values(output)
    torch.manual_seed(77)
    seed = torch.ones_like(output) if output.ndim == 0 else (torch.rand(output.shape) * 2 - 1).mul(16).round().div(16).to(output.dtype)
    row["gradOutput"] = values(seed)
    if output.requires_grad:
        output.backward(seed)
    row["grads"] = [values(x.grad) for x in leaves]
    row["paramGrads"] = {key: values(p.grad) for key, p in module.named_parameters()}
    return row


def grid(*shape, dtype=torch.float32, seed=1, scale=2.0):
    """Numbers that are short in JSON and at no kink."""
    torch.manual_seed(seed)
    return ((torch.rand(shape) * 2 - 1).mul(scale * 32).floor() + 0.5).div(32).to(dtype)


SPECIAL = torch.tensor([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 0.5, -0.5, 20.0, -20.0, 100.0, -100.0, 1e4, -1e4, 1e-8, -1e-8, inf, -inf, nan])


def layers():
    rows = []
    for shape in [[3], [2, 3], [4, 2, 3], [0, 3], [2, 1, 1, 3]]:
        for bias in [True, False]:
            torch.manual_seed(len(shape))
            options = {} if bias else {"bias": False}
            rows.append(run("Linear", nn.Linear(3, 2, bias=bias), [(grid(*shape), True)], [3, 2], options))
    rows.append(run("Linear", nn.Linear(3, 2, dtype=torch.float64), [(grid(4, 3, dtype=torch.float64), True)], [3, 2], {"dtype": "float64"}))
    rows.append(run("Identity", nn.Identity(), [(grid(2, 3), True)]))
    torch.manual_seed(5)
    rows.append(run("Sequential", nn.Sequential(), [(grid(2, 3), True)]))
    activations = [
        ("ReLU", {}), ("ReLU", {"inplace": True}), ("ReLU6", {}), ("ReLU6", {"inplace": True}), ("Hardtanh", {}), ("Hardtanh", {"minVal": -2.0, "maxVal": 0.5}),
        ("Hardtanh", {"minVal": -1.5, "maxVal": 3.0, "inplace": True}), ("SiLU", {}), ("SiLU", {"inplace": True}), ("ELU", {}), ("ELU", {"alpha": 0.5}), ("ELU", {"alpha": 2.0, "inplace": True}),
        ("LeakyReLU", {}), ("LeakyReLU", {"negativeSlope": 0.2}), ("LeakyReLU", {"negativeSlope": 1e-05, "inplace": True}), ("Sigmoid", {}), ("Tanh", {}), ("LogSigmoid", {}),
        ("Softplus", {"beta": 1.0, "threshold": 20.0}), ("Softplus", {"beta": 2.5, "threshold": 3.0}), ("GELU", {}), ("GELU", {"approximate": "tanh"}),
        ("Softmax", {"dim": 0}), ("Softmax", {"dim": -1}), ("LogSoftmax", {"dim": 0}), ("LogSoftmax", {"dim": 1}),
    ]
    for name, options in activations:
        make = getattr(nn, name)(**{snake(k): v for k, v in options.items()})
        # In place, PyTorch changes its input and refuses leaves: only the values differ in nothing.
        reference = make
        if options.get("inplace"):
            reference = getattr(nn, name)(**{snake(k): v for k, v in options.items() if k != "inplace"})
        args, rest = [], dict(options)
        for key in ("dim", "negativeSlope"):
            if key in rest:
                args.append(rest.pop(key))
        if name == "LeakyReLU" and rest and not args:
            args.append(0.01)
        samples = [grid(3, 4), grid(2, 3, dtype=torch.float64, seed=2)]
        # The gradient of elu at NaN depends on the place of the element in PyTorch: vectors and what is left over differ.
        special = SPECIAL[:-1] if name == "ELU" else SPECIAL
        samples += [] if "dim" in options else [special, grid(0), torch.tensor(0.75)]
        samples += [torch.tensor([[1e4, -1e4, 0.0], [1e4, 1e4, 1e4], [-inf, 0.0, 1.0], [inf, 0.0, 1.0], [nan, 0.0, 1.0]])] if "dim" in options else []
        for x in samples:
            row = run(name, reference, [(x, True)], args, rest)
            row["print"] = printed(make)
            rows.append(row)
    write("layers", rows)


def losses():
    rows = []
    for name in ["MSELoss", "L1Loss"]:
        make = getattr(nn, name)
        for reduction in ["mean", "sum", "none"]:
            options = {"reduction": reduction}
            for shape in [[5], [2, 3], [], [0]]:
                rows.append(run(name, make(**options), [(grid(*shape), True), (grid(*shape, seed=2), True)], [], options))
            rows.append(run(name, make(**options), [(grid(3, dtype=torch.float64), True), (grid(3, seed=2, dtype=torch.float64), False)], [], options))
            rows.append(run(name, make(**options), [(grid(3, 1), True), (grid(3, seed=2), True)], [], options, "broadcast"))
            rows.append(run(name, make(**options), [(SPECIAL, True), (torch.cat([SPECIAL[1:], SPECIAL[:1]]), False)], [], options, "special"))
            rows.append(run(name, make(**options), [(torch.tensor([1e4, -1e4, 2.0]), True), (torch.tensor([1e4, 1e4, 2.0]), False)], [], options, "equal"))
        rows.append(run(name, make(), [(grid(4), True), (grid(4, seed=3), False)]))

    def classes(shape, count, seed=4):
        torch.manual_seed(seed)
        return torch.randint(0, count, shape)

    weight = torch.tensor([0.5, 2.0, 1.0, 0.25])
    extreme = torch.tensor([[1e4, -1e4, 0.0, 1.0], [-1e4, 1e4, 1e4, 0.0], [0.0, 0.0, 0.0, 0.0], [1e4, 1e4, 1e4, 1e4]])
    odd = torch.tensor([[inf, 0.0, 0.0, 1.0], [-inf, 1.0, 2.0, 0.0], [nan, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    labels = torch.tensor([0, 0, 3, 2])
    for name in ["CrossEntropyLoss", "NLLLoss"]:
        make = getattr(nn, name)
        smoothings = [None, 0.1] if name == "CrossEntropyLoss" else [None]
        for reduction in ["mean", "sum", "none"]:
            for weighted in [False, True]:
                for smoothing in smoothings:
                    options, given = {"reduction": reduction}, {"reduction": reduction}
                    if weighted:
                        options["weight"], given["weight"] = values(weight), weight
                    if smoothing is not None:
                        options["labelSmoothing"], given["label_smoothing"] = smoothing, smoothing
                    for shape in [[4], [3, 4], [2, 4, 3], [2, 4, 2, 2]]:
                        target = classes(shape[:1] * (len(shape) > 1) + shape[2:], 4)
                        rows.append(run(name, make(**given), [(grid(*shape), True), (target, False)], [], options))
                    rows.append(run(name, make(**given), [(extreme, True), (labels, False)], [], options, "extreme"))
                    rows.append(run(name, make(**given), [(odd, True), (labels, False)], [], options, "non-finite"))
                    ignoring = {**options, "ignoreIndex": 2}
                    rows.append(run(name, make(**given, ignore_index=2), [(grid(5, 4), True), (torch.tensor([2, 0, 1, 2, 3]), False)], [], ignoring, "ignored"))
                    rows.append(run(name, make(**given), [(grid(3, 4), True), (torch.tensor([-100, 0, -100]), False)], [], options, "-100"))
                    rows.append(run(name, make(**given, ignore_index=-7), [(grid(2, 4, 2), True), (torch.tensor([[-7, 0], [1, -7]]), False)], [], {**options, "ignoreIndex": -7}, "ignored"))
                    # With a weight and smoothing PyTorch 1.13 gathers from nothing here.
                    rows.append(run(name, make(**given), [(grid(2, 4), True), (torch.tensor([-100, -100]), False)], [], options, "all ignored"))
                    if name == "CrossEntropyLoss":
                        for shape in [[4], [3, 4], [2, 4, 3]]:
                            dim = 0 if len(shape) == 1 else 1
                            for grad in [False, True]:
                                rows.append(run(name, make(**given), [(grid(*shape), True), (grid(*shape, seed=9).softmax(dim), grad)], [], options, "probabilities"))
                        rows.append(run(name, make(**given), [(extreme, True), (torch.full((4, 4), 0.25), False)], [], options, "extreme probabilities"))
        rows.append(run(name, make(weight=weight.double()), [(grid(3, 4, dtype=torch.float64), True), (classes([3], 4), False)], [], {"weight": values(weight.double())}))
        rows.append(run(name, make(), [(grid(3, 4), True), (classes([3], 4), False)]))
        rows.append(run(name, make(), [(grid(0, 4), True), (classes([0], 4), False)], [], {}, "no rows"))
    write("losses", rows)


def printing():
    rows = [
        printed(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))),
        printed(nn.Sequential()),
        printed(nn.Sequential(nn.Sequential(nn.Linear(1, 1, bias=False), nn.Sequential(nn.Tanh())), nn.Identity())),
    ]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(3, 3), nn.GELU())
            self.scale = nn.Parameter(torch.ones(3))
            self.skip = nn.Identity()

        def extra_repr(self):
            return "width=3,\ndepth=2"

    class Lines(nn.Module):
        def extra_repr(self):
            return "first,\nsecond"

    class Empty(nn.Module):
        pass

    rows += [printed(Block()), printed(Lines()), printed(Empty()), printed(nn.Sequential(Lines(), Empty()))]
    shared = nn.ReLU()
    rows.append(printed(nn.Sequential(nn.Linear(1, 1), shared, nn.Linear(1, 1), shared)))
    parameter = str(nn.Parameter(torch.tensor([[1.0, 2.5]]))).replace("requires_grad=True", "requiresGrad=true")
    rows += [parameter, str(nn.Parameter(torch.tensor([1.0]), requires_grad=False))]
    numbers = [0.01, 1.0, 1e-5, 1e-4, 1e16, 123456789.0, 1e15, 1.5e-7, 0.1, 2.5e20, -0.0, 100.0, inf, nan, 1 / 3]
    write("printing", [*rows, [[plain(x), repr(x)] for x in numbers]])


if __name__ == "__main__":
    initial_weights()
    layers()
    losses()
    printing()
