"""Writes packages/nn/test/fixtures/init.json from PyTorch: what torch.nn.init leaves in a tensor, and the number drawn next.

Run: /usr/bin/python3 tools/reference/init.py
"""

import torch
from torch.nn import init

from nn import camel, plain, snake, write

NAMES = {"fanOut": "fan_out", "fanIn": "fan_in", "leakyRelu": "leaky_relu"}
SHAPES = [[3, 5], [5, 3], [4, 4], [6, 2, 3], [4, 4, 2, 2]]
rows = []


def add(name, shape, args=(), options=None, seed=3, dtype=torch.float32):
    torch.manual_seed(seed)
    x = torch.full(shape, 9.0, dtype=dtype)
    given = {snake(k): NAMES.get(v, v) if isinstance(v, str) else v for k, v in (options or {}).items()}
    getattr(init, name)(x, *args, **given)
    ours = camel(name.rstrip("_")) + "_"
    rows.append({"name": ours, "shape": shape, "dtype": str(dtype)[6:], "seed": seed, "args": list(args), "options": options or {}, "data": [plain(v) for v in x.reshape(-1).tolist()], "next": torch.rand(1).item()})


for dtype in [torch.float32, torch.float64]:
    for shape in [*SHAPES, [7], [20], []]:
        add("uniform_", shape, dtype=dtype)
        add("uniform_", shape, [-2.5, 0.5], dtype=dtype)
        add("normal_", shape, dtype=dtype)
        add("normal_", shape, [1.5, 0.25], dtype=dtype)
        add("trunc_normal_", shape, dtype=dtype)
        add("trunc_normal_", shape, [], {"mean": 0.5, "std": 0.5, "a": -0.25, "b": 1.5}, dtype=dtype)
        add("constant_", shape, [0.3], dtype=dtype)
    for shape in SHAPES:
        add("xavier_uniform_", shape, dtype=dtype)
        add("xavier_uniform_", shape, [], {"gain": 1.7}, dtype=dtype)
        add("xavier_normal_", shape, [], {"gain": 0.5}, seed=5, dtype=dtype)
        for name in ["kaiming_uniform_", "kaiming_normal_"]:
            for options in [{}, {"mode": "fanOut"}, {"a": 0.3}, {"nonlinearity": "relu"}, {"nonlinearity": "tanh", "mode": "fanOut"}, {"nonlinearity": "selu"}]:
                add(name, shape, [], options, dtype=dtype)
        add("orthogonal_", shape, dtype=dtype)
        add("orthogonal_", shape, [], {"gain": 2.5}, seed=8, dtype=dtype)
    for shape in [[3, 5], [10, 3]]:
        for sparsity in [0.1, 0.5, 1.0]:
            add("sparse_", shape, [sparsity], dtype=dtype)
            add("sparse_", shape, [sparsity], {"std": 2.0}, seed=6, dtype=dtype)
for shape in [[3, 5], [4, 4], [5, 2]]:
    add("eye_", shape)
for shape in SHAPES[3:] + [[3, 5, 3], [4, 2, 3, 2], [2, 3, 1, 2, 3]]:
    add("dirac_", shape)
    if shape[0] % 2 == 0:
        add("dirac_", shape, [2])
add("ones_", [2, 3])
add("zeros_", [2, 3])
write("init", rows)
