"""Writes packages/core/test/fixtures/linalg.json: torch.linalg in float64, values and gradients.

Run: /usr/bin/python3 tools/reference/linalg.py
Where a result is free but for signs, what is kept are the squares of its elements.
"""

import json
import pathlib

import numpy as np
import torch

FILE = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/linalg.json"
rng = np.random.RandomState(7)
L = torch.linalg


def matrix(*shape):
    """Odd multiples of 1/32: short in JSON."""
    return torch.tensor((2 * rng.randint(-40, 40, shape) + 1) / 32, dtype=torch.float64)


def definite(n, *lead):
    x = matrix(*lead, n, n)
    return x @ x.transpose(-2, -1) + torch.eye(n, dtype=torch.float64)


def squares(outputs):
    return [o * o for o in outputs]


def row(op, inputs, args, fn, compare="values"):
    leaves = [x.clone().requires_grad_() for x in inputs]
    outputs = fn(*leaves)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    if compare == "squares":
        outputs = squares(outputs)
    seeds = [matrix(*o.shape) if o.requires_grad else None for o in outputs]
    grads = torch.autograd.grad([o for o, s in zip(outputs, seeds) if s is not None], leaves, [s for s in seeds if s is not None]) if any(s is not None for s in seeds) else [None] * len(leaves)
    plain = lambda t: None if t is None else {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}
    return {"op": op, "compare": compare, "inputs": [plain(x) for x in inputs], "args": args, "outputs": [plain(o.to(torch.float64)) for o in outputs], "seeds": [plain(s) for s in seeds], "grads": [plain(g) for g in grads]}


def symmetric(n, *lead):
    x = matrix(*lead, n, n)
    return x + x.transpose(-2, -1)


rows = [
    row("solve", [matrix(4, 4), matrix(4, 3)], [], L.solve),
    row("solve", [matrix(2, 5, 5), matrix(5, 2)], [], L.solve),
    row("solve", [matrix(4, 4), matrix(4)], [], L.solve),
    row("solve", [matrix(3, 3), matrix(2, 3)], [{"left": False}], lambda a, b: L.solve(a, b, left=False)),
    row("inv", [matrix(2, 4, 4)], [], L.inv),
    row("det", [matrix(2, 2, 5, 5)], [], L.det),
    row("det", [torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)], [], L.det),
    row("slogdet", [matrix(3, 6, 6)], [], lambda x: [L.slogdet(x)[0].detach(), L.slogdet(x)[1]]),
    *[row("matrixPower", [matrix(3, 3)], [n], lambda x, n=n: L.matrix_power(x, n)) for n in (-3, 1, 2, 7)],
    row("multiDot", [matrix(2, 5), matrix(5, 3), matrix(3, 4)], ["list"], lambda *x: L.multi_dot(x)),
    row("cholesky", [definite(5)], [], lambda x: L.cholesky(x)),
    row("cholesky", [definite(3, 2)], [{"upper": True}], lambda x: L.cholesky(x, upper=True)),
    row("solveTriangular", [matrix(4, 4), matrix(4, 2)], [{"upper": True}], lambda a, b: L.solve_triangular(a, b, upper=True)),
    row("solveTriangular", [matrix(2, 3, 3), matrix(2, 3, 2)], [{"upper": False, "unitriangular": True}], lambda a, b: L.solve_triangular(a, b, upper=False, unitriangular=True)),
    row("solveTriangular", [matrix(3, 3), matrix(2, 3)], [{"upper": True, "left": False}], lambda a, b: L.solve_triangular(a, b, upper=True, left=False)),
    row("qr", [matrix(6, 4)], [], L.qr),
    row("qr", [matrix(2, 4, 4)], [], L.qr),
    row("qr", [matrix(3, 5)], [], L.qr),
    row("qr", [matrix(3, 5)], [{"mode": "complete"}], lambda x: L.qr(x, mode="complete")),
    row("eigh", [symmetric(6)], [], L.eigh, "squares"),
    row("eigh", [symmetric(5, 2)], [], L.eigh, "squares"),
    row("eigh", [matrix(4, 4)], [{"UPLO": "U"}], lambda x: L.eigh(x, "U"), "squares"),
    row("eigvalsh", [symmetric(7)], [], L.eigvalsh),
    row("svd", [matrix(6, 4)], [{"fullMatrices": False}], lambda x: L.svd(x, full_matrices=False), "squares"),
    row("svd", [matrix(2, 3, 5)], [{"fullMatrices": False}], lambda x: L.svd(x, full_matrices=False), "squares"),
    row("svd", [matrix(5, 5)], [], L.svd, "squares"),
    row("svdvals", [matrix(3, 6)], [], L.svdvals),
    row("pinv", [matrix(5, 3)], [], lambda x: L.pinv(x)),
    row("pinv", [matrix(2, 3, 4)], [], lambda x: L.pinv(x)),
    *[row("matrixNorm", [matrix(2, 3, 4)], [o if isinstance(o, (int, str)) else {"n": str(o).replace("inf", "Infinity")}], lambda x, o=o: L.matrix_norm(x, o)) for o in ("fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf"))],
    row("vectorNorm", [matrix(3, 4)], [3, 1], lambda x: L.vector_norm(x, 3, 1)),
    row("cond", [matrix(4, 4)], [], L.cond),
    row("cond", [matrix(4, 4)], [1], lambda x: L.matrix_norm(x, 1) * L.matrix_norm(L.inv(x), 1)),  # 1.13 fails at its own gradient
    row("cond", [matrix(4, 3)], [-2], lambda x: L.cond(x, -2)),
    row("lstsq", [matrix(6, 3), matrix(6, 2)], [], lambda a, b: L.lstsq(a, b)[0]),
    row("lstsq", [matrix(3, 5), matrix(3, 2)], [], lambda a, b: L.lstsq(a, b)[0]),
    row("vecdot", [matrix(3, 4), matrix(3, 4)], [], L.vecdot),
]
FILE.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
print(len(rows), FILE.stat().st_size)
