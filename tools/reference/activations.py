"""Writes packages/nn/test/fixtures/activations.json from PyTorch: the activations beside those of nn.py.

Run: /usr/bin/python3 tools/reference/activations.py
Rows are those of nn.py: packages/nn/test/fixtures.test.ts replays them, as modules and as functions.
"""

import torch
from torch import nn

import nn as reference
from layers import values as shortened
from nn import SPECIAL, grid, printed, run, snake, write

reference.values = shortened
F64 = torch.float64
KINKS = torch.tensor([0.0, 0.5, -0.5, 3.0, -3.0, 1.0, -1.0, 2.0, -2.0, 20.0, -20.0, 100.0, -100.0], dtype=F64)
FINITE = SPECIAL[:-3]
rows = []


class Hardsigmoid(nn.Module):
    """In float64 as in the formula: PyTorch multiplies its gradient by a sixth that is a float32."""

    def forward(self, x):
        return nn.functional.relu6(x + 3) / 6


def add(name, positions, options, inputs, title="", evaluate=False):
    given = {snake(k): v for k, v in options.items() if k != "inplace"}
    arguments = [*positions]
    module = Hardsigmoid() if name == "Hardsigmoid" else getattr(nn, name)(*arguments, **given)
    if evaluate:
        module.eval()
    row = run(name, module, inputs, arguments, options, title)
    # In place, PyTorch refuses leaves: only the print tells of it.
    row["print"] = printed(getattr(nn, name)(*arguments, **{snake(k): v for k, v in options.items()}))
    rows.append(row)


elementwise = [("SELU", [], {}), ("SELU", [], {"inplace": True}), ("CELU", [], {}), ("CELU", [], {"alpha": 0.5}), ("CELU", [], {"alpha": 2.0, "inplace": True}), ("Hardshrink", [], {}), ("Hardshrink", [1.0], {})]
elementwise += [("Softshrink", [], {}), ("Softshrink", [1.0], {}), ("Softshrink", [0.0], {}), ("Hardsigmoid", [], {}), ("Hardsigmoid", [], {"inplace": True}), ("Hardswish", [], {}), ("Hardswish", [], {"inplace": True})]
elementwise += [("Mish", [], {}), ("Mish", [], {"inplace": True}), ("Softsign", [], {}), ("Tanhshrink", [], {}), ("Threshold", [0.5, -2.0], {}), ("Threshold", [-1.0, 7.0], {"inplace": True})]
for name, positions, options in elementwise:
    # At -3 and 3 PyTorch's vectors and what is left over have other gradients of hardswish.
    kept = (lambda x: x[x.abs() != 3]) if name == "Hardswish" else (lambda x: x)
    for x in [grid(3, 4, dtype=F64), grid(2, 3), grid(0), torch.tensor(0.75), kept(KINKS)]:
        add(name, positions, options, [(x, True)])
    # PyTorch's gradients at infinities are NaN where they multiply by 0.
    add(name, positions, options, [(kept(FINITE.double()), True)], "extreme")
for options in [{}, {"lower": 0.25, "upper": 0.5}, {"lower": 0.25, "upper": 0.25, "inplace": True}]:
    for x in [grid(3, 4, dtype=F64), KINKS, grid(2, 3)]:
        add("RReLU", [], options, [(x, True)], "evaluating", True)
for shape in [[4], [2, 3], [2, 3, 2], [2, 3, 2, 2]]:
    for count in [1, *([3] if len(shape) > 1 else [])]:
        for options in [{}, {"init": 0.1}]:
            kind = nn.PReLU(count, **options, dtype=F64)
            row = run("PReLU", kind, [(grid(*shape, dtype=F64), True)], [count], {**options, "dtype": "float64"})
            rows.append(row)
rows.append(run("PReLU", nn.PReLU(), [(grid(2, 3), True)], [1]))
rows.append(run("PReLU", nn.PReLU(dtype=F64), [(KINKS, True)], [1], {"dtype": "float64"}))
for dim, shapes in [(-1, [[4], [2, 6]]), (0, [[4], [2, 3]]), (1, [[2, 4, 3], [1, 2]])]:
    for shape in shapes:
        add("GLU", [dim], {}, [(grid(*shape, dtype=F64), True)])
        add("Softmin", [dim], {}, [(grid(*shape, dtype=F64), True)])
add("GLU", [], {}, [(grid(3, 4), True)])
add("Softmin", [1], {}, [(torch.tensor([[100.0, -100.0, 0.0], [1e4, 1e4, -1e4]], dtype=F64), True)], "extreme")
for shape in [[2, 3, 2, 2], [3, 2, 2]]:
    add("Softmax2d", [], {}, [(grid(*shape, dtype=F64), True)])
    add("Softmax2d", [], {}, [(grid(*shape), True)])
write("activations", rows)
