"""Writes packages/core/test/fixtures/format.json: tensors as PyTorch prints them, in Downhill's words.

Run: /usr/bin/python3 tools/reference/format.py
A case: shape, dtype, data (row by row; or ramp [length, modulus, scale, shift], value i being (i % modulus) * scale + shift;
or null for a meta tensor), options (formatTensor's), text. PyTorch lays everything out; only its words are replaced.
"""

import json
import math
import pathlib
import random
import re

import torch

TARGET = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/format.json"
DTYPES = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int64, "uint8": torch.uint8, "bool": torch.bool}
inf, nan = math.inf, math.nan


def translate(suffix):
    suffix = suffix.replace("requires_grad=True", "requiresGrad=true")
    suffix = re.sub(r"grad_fn=<(\w+?)Backward\d*>", r"gradFn=<\1>", suffix)
    suffix = re.sub(r"size=\((.*?),?\)", r"size=[\1]", suffix)
    return suffix.replace("dtype=torch.int64", "dtype=int32").replace("dtype=torch.", "dtype=")


# The words are replaced before PyTorch decides where the line breaks: ours have other lengths.
add_suffixes = torch._tensor_str._add_suffixes
torch._tensor_str._add_suffixes = lambda text, suffixes, indent, force_newline: add_suffixes(
    text, [translate(s) for s in suffixes], indent, force_newline
)


def plain(value):
    """Non-finite numbers as strings, whole floats without a fraction, -0 kept (JSON reads -0.0 back as -0)."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == int(value) and abs(value) < 1e15 and not (value == 0 and math.copysign(1, value) < 0):
            return int(value)
    return value


cases = []


def record(tensor, source, dtype, print_options=None, grad=None):
    options = dict(print_options or {})
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**{("sci_mode" if k == "sciMode" else k): v for k, v in options.items()})
    if grad == "leaf":
        tensor.requires_grad_()
        options["requiresGrad"] = True
    elif grad is not None:
        tensor = grad(tensor.requires_grad_())
        options["requiresGrad"] = True
        options["gradFn"] = re.sub(r"Backward\d*$", "", type(tensor.grad_fn).__name__)
        source = {"data": [plain(v) for v in tensor.detach().reshape(-1).tolist()]}
    if tensor.is_meta:
        options["device"] = "meta"
    text = str(tensor)
    torch.set_printoptions(profile="default")
    text = text.replace("True", "true").replace("False", "false") if dtype == "bool" else text
    if options.get("threshold") == inf:
        options["threshold"] = "Infinity"
    cases.append({"shape": list(tensor.shape), "dtype": dtype, **source, "options": options, "text": text})


def case(values, shape=None, dtype="float32", options=None, grad=None):
    tensor = torch.tensor(values, dtype=DTYPES[dtype])
    tensor = tensor.reshape(shape if shape is not None else tensor.shape)
    record(tensor, {"data": [plain(v) for v in tensor.reshape(-1).tolist()]}, dtype, options, grad)


def ramp(shape, modulus, scale, shift, dtype="float32", options=None, grad=None):
    length = math.prod(shape)
    values = [(i % modulus) * scale + shift for i in range(length)]
    tensor = torch.tensor(values, dtype=torch.float64).to(DTYPES[dtype]).reshape(shape)
    record(tensor, {"ramp": [length, modulus, scale, shift]}, dtype, options, grad)


def meta(shape, dtype, grad=None):
    record(torch.empty(shape, dtype=DTYPES[dtype], device="meta"), {"data": None}, dtype, None, grad)


def main():
    draw = random.Random(20)
    gauss = lambda count, scale: [draw.gauss(0, scale) for _ in range(count)]

    # Numbers alone: magnitudes, rounding ties (1/32 is one at four decimals), what makes the notation scientific.
    for dtype in ["float32", "float64"]:
        for value in [0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 0.03125, 0.09375, -0.03125, 0.00005, 1e-4, 9.999e-5, 1.5e-5, 99999.5, 1e8, 1.0001e8, 123456789.0, 1e15,
                      1e22, 3e38, 1e-38, 1e-45, 100005.5, 2**24 + 1.0, 0.5, 1.5, 2.5, inf, -inf, nan, math.pi, -math.e * 1e5]:
            case(value, [], dtype)
    case(1e300, [], "float64")
    case([1e-300, 1e300], None, "float64")
    for value in [100005.0, 300015.0, 1000.5, 1.00005e12, 1.00015e12, 9.99995e9, 1.00005e22]:
        case([value, 1.0], None, "float64")
    for value in [0, 7, -7, 2147483647, -2147483648]:
        case(value, [], "int32")
    for value in [0, 255]:
        case(value, [], "uint8")
    for value in [True, False]:
        case(value, [], "bool")

    # Rows of every magnitude; the longer ones wrap.
    for dtype in ["float32", "float64"]:
        for scale in [1e-30, 1e-6, 1e-3, 0.1, 1, 30, 1e4, 1e7, 1e12, 1e30]:
            case(gauss(3, scale), None, dtype)
            case(gauss(draw.randint(8, 30), scale), None, dtype)
    for count in [1, 8, 9, 10, 11, 12, 13, 24, 25, 40]:
        case(gauss(count, 1), None, "float32")
        case([draw.randint(-999, 999) for _ in range(count)], None, "int32")
        case([draw.random() < 0.5 for _ in range(count)], None, "bool")
        case([draw.randint(0, 255) for _ in range(count)], None, "uint8")
        case([float(draw.randint(-50, 50)) for _ in range(count)], None, "float32")

    # Whole floats, the ratio of 1000 and the bound of 1e8.
    for values in [[1.0, 1000.0], [1.0, 1001.0], [2.0, -3.0, 0.0], [-0.0, 1.0], [1e8], [100000008.0], [1e8, 1e6], [0.0, 0.0], [-0.0, -0.0], [0.001, 1.0], [0.0009, 1.0],
                   [1.0, 2.0, nan], [1.0, inf, -inf], [nan, nan], [inf, 0.0], [nan, -inf, 0.0], [0.5, nan, -inf], [1e-5, nan, inf], [1234.5, 0.1], [1e10, 1.0, nan], [100.0, 200.0, -inf]]:
        case(values)
        case(values, None, "float64")
    specials = [0.0, -0.0, nan, inf, -inf, 1.0, -1.0, 0.25, 1e-3, 1e3, 1e-7, 1e9]
    for _ in range(40):
        dtype = draw.choice(["float32", "float64"])
        case([draw.choice(specials) for _ in range(draw.randint(2, 9))], None, dtype)

    # Shapes.
    shapes = [[1], [1, 1], [2, 3], [3, 1], [1, 12], [2, 15], [4, 2, 3], [1, 1, 1], [2, 2, 2, 2], [2, 1, 2, 1, 3], [1, 2, 1, 11]]
    for shape in shapes:
        size = math.prod(shape)
        case(gauss(size, 1), shape)
        case([draw.randint(-20, 20000) for _ in range(size)], shape, "int32")
        case([draw.random() < 0.5 for _ in range(size)], shape, "bool")
        case(gauss(size, 1e6), shape, "float64")
        case([draw.randint(0, 9) for _ in range(size)], shape, "uint8")
    for shape in [[0], [0, 3], [3, 0], [2, 0, 4], [0, 0]]:
        for dtype in DTYPES:
            case([], shape, dtype)
        case([], shape, "float32", None, "leaf")
    for shape in [[], [0], [2, 3], [4]]:
        for dtype in DTYPES:
            meta(shape, dtype)
        meta(shape, "float32", "leaf")
        meta(shape, "float64", "leaf")

    # Suffixes, and where they break the line: rows of each length around the bound.
    for count in range(1, 13):
        case(gauss(count, 1), None, "float32", None, "leaf")
        case(gauss(count, 1), None, "float64")
        case(gauss(count, 1), None, "float64", None, "leaf")
        case(gauss(count, 1), None, "float32", None, lambda t: t * 2)
        case([draw.randint(0, 99) for _ in range(count)], None, "uint8")
    for width in range(20, 60, 3):
        case([1.0, 2.0], None, "float64", {"linewidth": width}, "leaf")
    case(gauss(1, 1), [1, 1], "float32", None, "leaf")
    case(gauss(6, 1), [2, 3], "float32", None, lambda t: t.exp())
    case(gauss(6, 1), [2, 3], "float64", None, lambda t: torch.nn.functional.mse_loss(t, t * 2))
    case(gauss(6, 1), [2, 3], "float32", None, lambda t: t.view(3, 2))
    case(3.5, [], "float32", None, "leaf")

    # Summarised past 1,000 elements; widths come from what is printed.
    ramp([1000], 1000, 1, 0)
    ramp([1001], 1001, 1, 0)
    ramp([1001], 1001, 1, 0, "int32")
    ramp([5000], 7, 0.125, -0.25)
    ramp([3000], 2500, 1000, 1, "float64")
    ramp([2000], 2, 1, 0, "bool")
    ramp([2000], 256, 1, 0, "uint8", None)
    ramp([100, 100], 9999, 0.5, 0)
    ramp([6, 200], 37, 0.75, -3, "float32", None, "leaf")
    ramp([7, 200], 1400, 3, 0, "int32")
    ramp([500, 3], 11, 1e-3, 0, "float64")
    ramp([8, 9, 20], 101, 0.01, -0.5)
    ramp([2, 3, 400], 401, 1, 0, "int32")
    ramp([7, 7, 7, 7], 50, 0.1, 0)
    ramp([2, 8, 2, 8, 10], 1000, 1e3, 0, "float32")
    ramp([1, 1, 1001], 13, 1, 0)
    ramp([1001, 1], 13, 1.5, 0)

    # Print options.
    for precision in [0, 1, 2, 8, 17, 30]:
        case([0.125, 1 / 3, -2.5], None, "float64", {"precision": precision})
        case([1e-9, 1.5, 3e5], None, "float32", {"precision": precision})
        case([1.0, 2.0], None, "float32", {"precision": precision})
    for sci in [True, False]:
        for values in [[0.0], [nan, 0.0], [1.0, 2.0], [0.5, 20.0], [1e-9, 1.5], [1e30, 1.0], [1e30, 0.5], [123456.0, 1.0, -inf], [100005.0, 2.5], [2.5, 3.5, -0.5]]:
            case(values, None, "float64", {"sciMode": sci})
        case([1, 2000], None, "int32", {"sciMode": sci})
    case([2.5, 3.5, 0.5, -1.5], None, "float32", {"sciMode": False, "precision": 0})
    case([2.5, 3.5, 95.0, 85.0], None, "float32", {"sciMode": True, "precision": 0})
    for profile in ["default", "short", "full"]:
        ramp([20, 60], 1200, 0.25, 0, "float32", {"profile": profile}) if profile != "full" else ramp([30, 40], 3, 1, 0, "uint8", {"profile": "full"})
        case(gauss(4, 1), None, "float32", {"profile": profile, "precision": 3})
    for threshold in [0, 5, 10, inf]:
        case(list(range(10)), None, "int32", {"threshold": threshold})
        case(4.5, [], "float32", {"threshold": threshold})
    for edge in [1, 2, 4, 5]:
        case(list(range(10)), None, "int32", {"threshold": 5, "edgeitems": edge})
        ramp([5, 9], 45, 1.5, 0, "float32", {"threshold": 5, "edgeitems": edge})
        ramp([3, 5, 5], 45, 1, 0, "float32", {"threshold": 5, "edgeitems": edge})
    for width in [1, 10, 20, 40, 60, 120, 200]:
        case(gauss(14, 1), None, "float32", {"linewidth": width})
        case([draw.randint(-99, 99) for _ in range(24)], [2, 12], "int32", {"linewidth": width})
        case([draw.random() < 0.5 for _ in range(12)], None, "bool", {"linewidth": width})
    ramp([1200], 1200, 1, 0, "int32", {"linewidth": 20, "edgeitems": 5})

    TARGET.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
    TARGET.write_text(f"[\n{rows}\n]\n")
    print(len(cases), "cases,", TARGET.stat().st_size, "bytes")


main()
