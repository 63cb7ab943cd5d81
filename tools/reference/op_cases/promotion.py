"""The dtype of every result: each op with each dtype, and each pair of dtypes in each standing of the operands.

The tables hold dtypes alone; null is a call that PyTorch refuses. Ops with the same table share it. In a call, "x" and "y"
are the operands and "mask" is a bool tensor of shape [2].
"""

import json

import torch

from .binary import ARITHMETIC, COMPARISONS, LOGIC, WITH_NUMBER
from .recorder import DTYPES, NAMES, as_list, called
from .sorting import argsort, sort
from .unary import CONTINUOUS, TESTS

ORDER = ["bool", "uint8", "int32", "float32", "float64"]
NUMBERS = [True, 2, 2.5]

MASK = torch.tensor([True, False])


def operand(dtype, standing):
    return torch.ones([2] if standing == "tensor" else [], dtype=DTYPES[dtype])


def result(call, fn, x, y):
    """The dtypes of what a call returns, as one word; None where it is refused."""

    def fill(value):
        if isinstance(value, list):
            return [fill(v) for v in value]
        return {"x": x, "y": y, "mask": MASK}.get(value, value) if isinstance(value, str) else value

    options = {k: fill(v) for k, v in call.get("options", {}).items()}
    try:
        return " ".join(NAMES[o.dtype] for o in as_list(called(call["op"], fn)(*fill(call["args"]), **options)))
    except (RuntimeError, TypeError, IndexError, NotImplementedError):
        return None


def unary_calls():
    for op in [*CONTINUOUS, *TESTS]:
        yield {"op": op, "args": ["x"]}, None
    for op in ["relu", "softplus", "silu", "gelu", "elu", "leakyRelu", "logsigmoid"]:
        yield {"op": op, "args": ["x"]}, None
    for op in ["softmax", "logSoftmax", "logsumexp", "cumsum", "cumprod"]:
        yield {"op": op, "args": ["x", 0]}, None
    for op in ["sum", "mean", "var", "std", "prod", "amax", "amin", "max", "min", "argmin", "argmax", "all", "any", "norm"]:
        yield {"op": op, "args": ["x"]}, None
    for op in ["sum", "mean", "prod", "max", "min", "all", "any"]:
        yield {"op": op, "args": ["x", 0]}, None
    yield {"op": "sort", "args": ["x"]}, sort
    yield {"op": "argsort", "args": ["x"]}, argsort
    yield {"op": "topk", "args": ["x", 1]}, None
    for op in ["matmul", "dot", "outer"]:
        yield {"op": op, "args": ["x", "x"]}, None


def binary_calls():
    """Calls with the standings of x and y that they take."""
    tensors = [("tensor", "tensor"), ("tensor", "zeroDim"), ("zeroDim", "tensor"), ("zeroDim", "zeroDim")]
    numbers = [("tensor", "number"), ("zeroDim", "number")]
    for op in ARITHMETIC + COMPARISONS + LOGIC:
        yield {"op": op, "args": ["x", "y"]}, tensors + (numbers if op in WITH_NUMBER else [])
    for mode in ("floor", "trunc"):
        yield {"op": "div", "args": ["x", "y"], "options": {"roundingMode": mode}}, tensors + numbers
    yield {"op": "where", "args": ["mask", "x", "y"]}, tensors + numbers
    yield {"op": "clamp", "args": ["x"], "options": {"min": "y"}}, tensors + numbers
    yield {"op": "clamp", "args": ["x"], "options": {"max": "y"}}, tensors + numbers
    yield {"op": "addcmul", "args": ["x", "y", "y"]}, tensors
    yield {"op": "lerp", "args": ["x", "y", 0.5]}, tensors
    yield {"op": "cat", "args": [["x", "y"]]}, tensors[:1]
    yield {"op": "stack", "args": [["x", "y"]]}, [tensors[0], tensors[3]]
    for op in ("matmul", "dot", "outer"):
        yield {"op": op, "args": ["x", "y"]}, tensors[:1]


def grouped(entries):
    groups = {}
    for call, table in entries:
        groups.setdefault(json.dumps(table), ([], table))[0].append(call)
    return [{"calls": calls, "result": table} for calls, table in groups.values()]


class Promotion:
    """The tables; written like a Recorder."""

    refusals = ()

    def __init__(self):
        self.unary = grouped(
            (call, {d: result(call, fn, operand(d, "tensor"), None) for d in ORDER})
            for call, fn in unary_calls()
        )
        entries = []
        for call, standings in binary_calls():
            for left, right in standings:
                ys = NUMBERS if right == "number" else [operand(d, right) for d in ORDER]
                table = {d: [result(call, None, operand(d, left), y) for y in ys] for d in ORDER}
                entries.append(({**call, "x": left, "y": right}, table))
        self.binary = grouped(entries)

    def write(self, folder):
        line = lambda group: json.dumps(group, separators=(",", ":"))
        text = f'{{"family": "promotion", "dtypes": {json.dumps(ORDER)}, "numbers": {json.dumps(NUMBERS)}, "unary": [\n'
        text += ",\n".join(map(line, self.unary)) + '\n], "binary": [\n' + ",\n".join(map(line, self.binary)) + "\n]}\n"
        (folder / "promotion.json").write_text(text)
        unary = sum(len(g["calls"]) * len(g["result"]) for g in self.unary)
        binary = sum(len(g["calls"]) * sum(map(len, g["result"].values())) for g in self.binary)
        return unary + binary, len(text)


def cases():
    return Promotion()
