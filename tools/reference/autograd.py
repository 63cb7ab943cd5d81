"""Writes packages/core/test/fixtures/autograd.json: derivatives of functions, by torch.autograd.functional and grad.

Run: /usr/bin/python3 tools/reference/autograd.py
A case: what (jacobian, hessian, hvp, vjp, jvp, grad), fn (a name that the test knows too), inputs, v, result: tensors
as { shape, data }, nested in lists as PyTorch nests them in tuples. All are float64.
"""

import json
import pathlib

import torch
from torch.autograd import functional

TARGET = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/autograd.json"
torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

FUNCTIONS = {
    "square": lambda x: x * x,
    "rows": lambda x: (x.exp() * x).sum(1),
    "scalar": lambda x: (x.sin() * x * x).sum(),
    "product": lambda x, y: x * y.exp(),
    "pair": lambda x, y: (x.sum(0) * y, (y * y).sum()),
    "cubic": lambda x, y: (x ** 3).sum() * y.prod() + y.sum(),
    "first": lambda x, y: (x * x).sum(),
}


def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return {"shape": list(value.shape), "data": value.detach().reshape(-1).tolist()}


cases = []


def record(what, fn, inputs, v=None, **options):
    f = FUNCTIONS[fn]
    args = inputs if len(inputs) > 1 else inputs[0]
    if what == "grad":
        leaves = [x.clone().requires_grad_() for x in inputs]
        result = torch.autograd.grad(f(*leaves), leaves, v, **options)
    else:
        result = getattr(functional, what)(f, tuple(args) if isinstance(args, list) else args, *([] if v is None else [v]))
    case = {"what": what, "fn": fn, "inputs": plain(inputs), "result": plain(result)}
    if v is not None:
        case["v"] = plain(v)
    cases.append(case)


def draw(*shape):
    return torch.rand(shape) * 2 - 0.5


x, y = draw(2, 3), draw(3)
record("jacobian", "square", [draw(3)])
record("jacobian", "square", [draw()])
record("jacobian", "rows", [x])
record("jacobian", "scalar", [x])
record("jacobian", "product", [x, y])
record("jacobian", "pair", [x, y])
record("jacobian", "first", [x, y])
record("hessian", "scalar", [x])
record("hessian", "scalar", [draw()])
record("hessian", "cubic", [x, y])
record("hessian", "first", [x, y])
record("hvp", "scalar", [x], draw(2, 3))
record("hvp", "cubic", [x, y], (draw(2, 3), draw(3)))
record("vjp", "rows", [x], draw(2))
record("vjp", "scalar", [x])
record("vjp", "product", [x, y], draw(2, 3))
record("vjp", "pair", [x, y], (draw(3), draw()))
record("jvp", "rows", [x], draw(2, 3))
record("jvp", "scalar", [x], draw(2, 3))
record("jvp", "pair", [x, y], (draw(2, 3), draw(3)))
record("grad", "pair", [x, y], (draw(3), draw()))
record("grad", "product", [x, y], draw(2, 3))

TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(f"{len(cases)} cases")
