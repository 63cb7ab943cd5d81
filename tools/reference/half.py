"""Writes packages/core/test/fixtures/half.json: float16 as PyTorch has it.

Run: /usr/bin/python3 tools/reference/half.py

rounding: float32 numbers, as bits, and the bits of the float16 that each becomes. promotion: dtypes of results, of tensors,
0-d tensors and numbers. ops: what ops give; those that PyTorch 1.13 lacks on the CPU are computed in float32 and
rounded, as its GPU kernels and PyTorch 2 do. printed: tensors and what printing them shows.
"""

import itertools
import json
import pathlib

import numpy as np
import torch

FILE = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/half.json"
NAMES = {torch.bool: "bool", torch.uint8: "uint8", torch.int32: "int32", torch.float16: "float16",
         torch.float32: "float32", torch.float64: "float64"}
half = torch.float16


def number(x):
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(x), x)


def rounding():
    rng = np.random.RandomState(0)
    every = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float32)
    some = every[rng.randint(0, len(every) - 1, 300)]
    above = np.nextafter(some.astype(np.float16), np.float16(np.inf)).astype(np.float32)
    middle = ((some.astype(np.float64) + above) / 2).astype(np.float32)
    near = [np.nextafter(middle, np.float32(0)), middle, np.nextafter(middle, np.float32(np.inf))]
    edges = np.float32([0, 2**-24, 2**-25, 2**-26, 3 * 2**-26, 2**-14, 2**-15, 65504, 65519, 65519.996, 65520, 65536, 1e10,
                        3.4e38, np.inf, np.nan, 1, 1 + 2**-11, 1 + 3 * 2**-11, 1e-40])
    x = np.concatenate([some, *near, edges])
    x = torch.tensor(np.concatenate([x, -x]))
    return {"float32": x.numpy().view(np.int32).tolist(), "float16": x.half().numpy().view(np.uint16).tolist()}


def promotion():
    kinds = [("tensor", lambda d: torch.ones(2, dtype=d)), ("zeroDim", lambda d: torch.ones((), dtype=d))]
    rows = []
    for (x, makes), (y, other) in itertools.product(kinds, kinds):
        for dtype in NAMES:
            rows.append({"x": [x, "float16"], "y": [y, NAMES[dtype]],
                         "result": NAMES[torch.result_type(makes(half), other(dtype))]})
    for x, makes in kinds:
        for value in (True, 2, 2.5):
            rows.append({"x": [x, "float16"], "y": ["number", value], "result": NAMES[torch.result_type(makes(half), value)]})
    return rows


OPS = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x, y: x / y,
    "maximum": torch.maximum, "minimum": torch.minimum, "fmod": torch.fmod, "remainder": torch.remainder,
    "exp": lambda x, y: x.exp(), "tanh": lambda x, y: x.tanh(), "sqrt": lambda x, y: x.abs().sqrt(), "neg": lambda x, y: -x,
    "sum": lambda x, y: x.sum(), "mean": lambda x, y: x.mean(), "matmul": lambda x, y: x.view(8, 8) @ y.view(8, 8),
    "softmax": lambda x, y: x.softmax(0), "logsumexp": lambda x, y: x.logsumexp(0),
    "toInt": lambda x, y: x.int(), "toBool": lambda x, y: x.bool(), "toDouble": lambda x, y: x.double(),
    "lt": lambda x, y: x < y, "eq": lambda x, y: x == y, "sort": lambda x, y: x.sort()[0], "cat": lambda x, y: torch.cat([x, y]),
    "timesTiny": lambda x, y: x * 1e-9, "timesHuge": lambda x, y: x * 1e6,
}


def ops():
    torch.manual_seed(1)
    x, y = (torch.randn(64) * 3).half(), (torch.randn(64) * 3).half()
    cases = {}
    for name, op in OPS.items():
        result = op(x.float(), y.float())
        cases[name] = [number(v) for v in (result.half() if result.is_floating_point() else result).flatten().tolist()]
    cases["toDouble"] = x.double().tolist()
    # Where PyTorch 1.13 does have the op, float32 and rounding is what it does.
    for name in ["add", "sub", "mul", "div", "sum", "lt", "eq"]:
        assert [number(v) for v in OPS[name](x, y).flatten().tolist()] == cases[name], name
    return {"x": x.tolist(), "y": y.tolist(), "results": cases}


def printed():
    tensors = [[0.1], [1, 2.5], [65504, 1], [1e-7, 6e-8], [float("inf"), 1], [[1, 2], [3, 4.5]], 3.5, []]
    return [{"data": json.loads(json.dumps(t).replace("Infinity", '"Infinity"')),
             "text": str(torch.tensor(t, dtype=half)).replace("torch.", "")} for t in tensors]


def rand():
    torch.manual_seed(0)
    return torch.rand(20, dtype=half).tolist()


FILE.write_text(json.dumps({"rounding": rounding(), "promotion": promotion(), "ops": ops(), "printed": printed(),
                            "rand": rand()}, separators=(",", ":")) + "\n")
