"""Writes packages/nn/test/fixtures/{normalization,batch-norm,embedding,attention}.json from PyTorch: norms, embeddings, dropout and
attention, as calls that packages/nn/test/calls.ts replays.

Run: /usr/bin/python3 tools/reference/layers.py
A row is a function or a module, and the calls that are made of it one after the other: arguments, results, gradients,
and what the call left in running statistics. Names are those that TypeScript users write.
"""

import json
import math
import re

import torch
from torch import nn as layers
from torch.nn import functional

import nn as reference
from nn import camel, grid, plain, snake, write

NAMES = {**reference.NAMES, torch.bool: "bool", torch.uint8: "uint8"}
inf = math.inf


def short(v, dtype):
    """A number without digits that say nothing: 9 tell every float32, and float64 is compared at 12."""
    return float(f"{v:.9g}" if dtype == torch.float32 else f"{v:.14g}") if isinstance(v, float) else v


def values(x, exact=False):
    if x is None:
        return None
    data = [plain(v if exact else short(v, x.dtype)) for v in x.detach().reshape(-1).tolist()]
    return {"shape": list(x.shape), "dtype": NAMES[x.dtype], "data": [int(v) if isinstance(v, bool) else v for v in data]}


class Grad:
    """An argument that a gradient is asked for."""

    def __init__(self, tensor):
        self.tensor = tensor


class Same:
    """The very tensor that stands earlier among the arguments."""

    def __init__(self, place):
        self.place = place


class Several:
    """Tensors that are one argument: a tuple in PyTorch, an array here."""

    def __init__(self, items):
        self.items = items


def listed(x):
    return [part for item in x for part in listed(item)] if isinstance(x, (tuple, list)) else [x]


def printed(module):
    text = re.sub(r"\b([a-z]+(?:_[a-z]+)+)=", lambda m: camel(m.group(1)) + "=", repr(module))
    text = re.sub(r"=(True|False)\b", lambda m: "=" + m.group(1).lower(), text).replace("=None", "=null")
    text = re.sub(r"\(([a-z]+_[a-z]+)\)", lambda m: "(" + camel(m.group(1)) + ")", text)
    return text.replace("NonDynamicallyQuantizableLinear", "Linear")


def call(fn, args, options=None, ours=None, watched=None, module=None):
    """One call and its backward. `options` are PyTorch's, in our letters; `ours` are those that we write instead."""
    given, shown = [], []
    for arg in args:
        if isinstance(arg, Grad):
            leaf = arg.tensor.clone().requires_grad_()
            given.append(leaf)
            shown.append({**values(leaf), "requiresGrad": True})
        elif isinstance(arg, Several):
            leaves = [item.tensor.clone().requires_grad_() for item in arg.items]
            given.append(tuple(leaves))
            shown.append({"several": [{**values(leaf), "requiresGrad": True} for leaf in leaves]})
        elif isinstance(arg, Same):
            given.append(given[arg.place])
            shown.append({"same": arg.place})
        elif isinstance(arg, torch.Tensor):
            given.append(arg.clone())
            shown.append(values(arg))
        else:
            given.append(arg)
            shown.append(arg)
    options = options or {}
    leaves = {}
    passed = {}
    for name, value in options.items():
        if isinstance(value, Grad):
            leaves[name] = value = value.tensor.clone().requires_grad_()
        passed[snake(name)] = value
    written = {}
    for name, value in (options if ours is None else ours).items():
        if isinstance(value, Grad):
            value = {**values(value.tensor), "requiresGrad": True}
        elif isinstance(value, torch.Tensor):
            value = values(value)
        written[name] = value
    outputs = listed(fn(*given, **passed))
    row = {"args": shown, "options": written, "outputs": [values(x) for x in outputs]}
    roots = [x for x in outputs if x is not None and x.requires_grad]
    seeds = [grid(*x.shape, seed=70 + i, dtype=x.dtype, scale=1) for i, x in enumerate(roots)]
    row["gradOutputs"] = [values(x) for x in seeds]
    if module is not None:
        module.zero_grad(set_to_none=True)
    if roots:
        torch.autograd.backward(roots, seeds)
    row["grads"] = [values(x.grad) if isinstance(x, torch.Tensor) else [values(part.grad) for part in x] if isinstance(x, tuple) and isinstance(x[0], torch.Tensor) else None for x in given]
    if leaves:
        row["optionGrads"] = {name: values(x.grad) for name, x in leaves.items()}
    if module is not None:
        row["paramGrads"] = {path(name): values(p.grad) for name, p in module.named_parameters()}
        row["training"] = module.training
        row["after"] = {path(name): values(b) for name, b in module.named_buffers()}
    elif watched:
        row["after"] = {str(place): values(given[place]) for place in watched}
    return row


def path(name):
    return ".".join(camel(part) for part in name.split("."))


def function(name, *args, **rest):
    return {"name": name, "calls": [call(*args, **rest)]}


def randomize(module, seed=9):
    """Parameters that are no ones and zeros; short numbers."""
    with torch.no_grad():
        for i, p in enumerate(module.parameters()):
            p.copy_(grid(*p.shape, seed=seed + i, dtype=p.dtype, scale=1))


def layer(name, make, create, calls, seed=None, title=""):
    """`create`: arguments and options of the constructor as we write them. `calls`: (training, args, options, ours)."""
    torch.manual_seed(seed or 0)
    module = make()
    row = {"name": name, "title": title, "create": create, "print": printed(module)}
    if seed is None:
        randomize(module)
    else:
        row["seed"] = seed
        row["next"] = torch.rand(1).item()
    row["state"] = {path(key): values(value, exact=True) for key, value in module.state_dict().items()}
    row["calls"] = []
    for training, args, options, ours in calls:
        module.train(training)
        row["calls"].append(call(module, args, options, ours, module=module))
    return row


double = {"dtype": torch.float64}


def exactly(fn):
    """A formula in float64, rounded once at the end: float32 would compare one order of additions with another."""

    def run(*args, **options):
        def widened(x):
            return x.double() if isinstance(x, torch.Tensor) and x.is_floating_point() else x

        out = fn(*map(widened, args), **{name: widened(value) for name, value in options.items()})
        return out.to(args[0].dtype)

    return run


def rms_norm(x, shape, weight=None, eps=2**-23):
    dims = tuple(range(-len(shape), 0))
    out = x / (x.square().mean(dims, keepdim=True) + eps).sqrt()
    return out if weight is None else out * weight


def standardized(x, dim):
    deviation = x - x.mean(dim, keepdim=True)
    return deviation / (deviation.square().mean(dim, keepdim=True) + 1e-5).sqrt()


class RMSNorm(layers.Module):
    def __init__(self, shape, eps=None, affine=True, dtype=torch.float32):
        super().__init__()
        self.shape, self.eps, self.affine = shape, eps, affine
        self.weight = layers.Parameter(torch.ones(shape, dtype=dtype)) if affine else None

    def forward(self, x):
        return rms_norm(x, self.shape, self.weight, torch.finfo(x.dtype).eps if self.eps is None else self.eps)

    def extra_repr(self):
        return f"{self.shape}, eps={self.eps}, elementwise_affine={self.affine}"


def normalization():
    rows = []
    f64 = torch.float64
    shapes = [([2, 3], [3]), ([4, 5], [5]), ([2, 3, 4], [3, 4]), ([2, 3, 4], [4]), ([3], [3]), ([0, 3], [3]), ([2, 2, 2, 3], [2, 2, 3]), ([2, 33], [33])]
    for dtype in [f64, torch.float32]:
        for shape, normalized in shapes:
            x, w, b = Grad(grid(*shape, dtype=dtype)), Grad(grid(*normalized, seed=2, dtype=dtype)), Grad(grid(*normalized, seed=3, dtype=dtype))
            rows.append(function("layerNorm", functional.layer_norm, [x, normalized, w, b]))
            if dtype == f64:
                rows.append(function("layerNorm", functional.layer_norm, [x, normalized]))
                rows.append(function("layerNorm", functional.layer_norm, [x, normalized, w, None], {"eps": 0.1}))
                rows.append(function("layerNorm", functional.layer_norm, [x, normalized, None, b]))
            rows.append(function("rmsNorm", exactly(rms_norm), [x, normalized, w], {"eps": 2**-23}, {} if dtype == torch.float32 else None))
            rows.append(function("rmsNorm", exactly(rms_norm), [x, normalized], {"eps": 0.01}))
    # PyTorch's own kernel subtracts large products here, and loses digits.
    for offset in [1e3, 1e6]:
        rows.append(function("layerNorm", lambda x, _: standardized(x, 1), [Grad(grid(3, 8, dtype=f64) + offset), [8]]))
    rows.append(function("layerNorm", functional.layer_norm, [Grad(torch.full((2, 4), 3.0, dtype=f64)), [4]]))

    groups = [([2, 4], 2), ([2, 4], 1), ([2, 4], 4), ([1, 6, 5], 3), ([2, 6, 2, 3], 2), ([0, 4, 3], 2), ([2, 2, 2, 2, 2], 2)]
    for dtype in [f64, torch.float32]:
        for shape, count in groups:
            x = Grad(grid(*shape, dtype=dtype))
            w, b = Grad(grid(shape[1], seed=2, dtype=dtype)), Grad(grid(shape[1], seed=3, dtype=dtype))
            if dtype == torch.float32 and shape[1] == count and len(shape) == 2:
                continue
            rows.append(function("groupNorm", functional.group_norm, [x, count, w, b]))
            if dtype == f64:
                rows.append(function("groupNorm", functional.group_norm, [x, count]))
                rows.append(function("groupNorm", functional.group_norm, [x, count, w, b], {"eps": 0.1}))

    wide = {"dtype": "float64"}
    for name, make in [("LayerNorm", layers.LayerNorm), ("RMSNorm", RMSNorm)]:
        for shape in [[4], [2, 3]]:
            size = tuple(shape)
            inputs = [Grad(grid(3, *shape, **double))]
            rows.append(layer(name, lambda: make(size, **double), [shape, wide], [(True, inputs, {}, None), (False, inputs, {}, None)]))
    rows.append(layer("LayerNorm", lambda: layers.LayerNorm(5), [5], [(True, [Grad(grid(2, 5))], {}, None)]))
    rows.append(layer("LayerNorm", lambda: layers.LayerNorm(5, eps=1e-3, elementwise_affine=False), [5, {"eps": 1e-3, "elementwiseAffine": False}], [(True, [Grad(grid(2, 5, **double))], {}, None)]))
    rows.append(layer("LayerNorm", lambda: layers.LayerNorm(5), [[5]], [], seed=3, title="as made"))
    rows.append(layer("RMSNorm", lambda: RMSNorm((5,), 1e-3, False), [5, {"eps": 1e-3, "elementwiseAffine": False}], [(True, [Grad(grid(2, 5, **double))], {}, None)]))
    rows.append(layer("RMSNorm", lambda: RMSNorm((5,)), [[5]], [], seed=3, title="as made"))
    for shape in [[2, 6], [2, 6, 4], [2, 6, 2, 2]]:
        rows.append(layer("GroupNorm", lambda: layers.GroupNorm(3, 6, **double), [3, 6, wide], [(True, [Grad(grid(*shape, **double))], {}, None)]))
    rows.append(layer("GroupNorm", lambda: layers.GroupNorm(2, 4, eps=0.01, affine=False), [2, 4, {"eps": 0.01, "affine": False}], [(True, [Grad(grid(2, 4, 3, **double))], {}, None)]))
    rows.append(layer("GroupNorm", lambda: layers.GroupNorm(2, 4), [2, 4], [], seed=3, title="as made"))
    write("normalization", rows)


def batch_normalization():
    rows = []
    f64 = torch.float64
    for dtype in [f64, torch.float32]:
        for shape in [[4, 3], [2, 3, 5], [2, 3, 2, 4], [1, 2, 3], [3, 2, 2, 1, 2]]:
            channels = shape[1]
            x = Grad(grid(*shape, dtype=dtype))
            mean, var = grid(channels, seed=4, dtype=dtype), grid(channels, seed=5, dtype=dtype).abs()
            w, b = Grad(grid(channels, seed=2, dtype=dtype)), Grad(grid(channels, seed=3, dtype=dtype))
            for options in [{"training": True}, {}, {"training": True, "momentum": 0.3, "eps": 0.1}, {"eps": 0.01}]:
                rows.append(function("batchNorm", functional.batch_norm, [x, mean, var, w, b], options, watched=[1, 2]))
                if dtype == f64:
                    rows.append(function("batchNorm", functional.batch_norm, [x, mean, var], options, watched=[1, 2]))
            rows.append(function("batchNorm", functional.batch_norm, [x, None, None, w, b], {"training": True}))
            rows.append(function("batchNorm", functional.batch_norm, [x, mean, var, w, None], {}))
    rows.append(function("batchNorm", lambda x, *_, training: standardized(x, 0), [Grad(grid(8, 2, dtype=f64) + 1e5), None, None], {"training": True}))

    wide = {"dtype": "float64"}
    for name, shapes in [("BatchNorm1d", [[5, 3], [4, 3, 2]]), ("BatchNorm2d", [[3, 3, 2, 2]])]:
        make = getattr(layers, name)
        for shape in shapes:
            for options in [{}, {"momentum": 0.5, "eps": 0.01}, {"momentum": None}, {"affine": False}, {"trackRunningStats": False}, {"trackRunningStats": False, "momentum": None}]:
                # Training, evaluation in between, and a batch of another size.
                batches = [(True, shape), (True, shape), (False, shape), (True, [shape[0] + 2, *shape[1:]]), (False, [1, *shape[1:]] if options.get("trackRunningStats", True) else shape)]
                steps = [(training, [Grad(grid(*size, seed=20 + i, **double) * (i + 1))], {}, None) for i, (training, size) in enumerate(batches)]
                given = {snake(k): v for k, v in options.items()}
                rows.append(layer(name, lambda: make(3, **given, **double), [3, {**options, **wide}], steps))
            rows.append(layer(name, lambda: make(3), [3], [(training, [Grad(grid(*shape, seed=i))], {}, None) for i, training in enumerate([True, True, False])], title="float32"))
        rows.append(layer(name, lambda: make(4), [4], [], seed=3, title="as made"))
    write("batch-norm", rows)


def ints(*shape, high, seed=6):
    torch.manual_seed(seed)
    return torch.randint(0, high, shape)


def embeddings():
    rows = []
    for dtype in [torch.float64, torch.float32]:
        weight = Grad(grid(5, 3, dtype=dtype))
        for shape in [[4], [2, 3], [], [0], [2, 2, 2], [3, 0], [12]]:
            for options in [{}, {"paddingIdx": 1}, {"paddingIdx": -2}]:
                rows.append(function("embedding", functional.embedding, [ints(*shape, high=5), weight], options))
    rows.append(function("embedding", functional.embedding, [ints(4, high=5), grid(5, 3)], {"paddingIdx": 0}))
    for options in [{}, {"paddingIdx": 0}, {"paddingIdx": 2}, {"paddingIdx": -1}]:
        given = {snake(k): v for k, v in options.items()}
        for seed in [0, 3]:
            rows.append(layer("Embedding", lambda: layers.Embedding(7, 3, **given), [7, 3, options], [(True, [ints(2, 4, high=7)], {}, None)], seed=seed))
    for seed, size in enumerate([(4, 1), (1, 20), (40, 5), (0, 3)]):
        rows.append(layer("Embedding", lambda: layers.Embedding(*size), [*size], [], seed=seed, title="as made"))
    rows.append(layer("Embedding", lambda: layers.Embedding(4, 3, **double), [4, 3, {"dtype": "float64"}], [(True, [ints(3, high=4)], {}, None)], seed=4))

    for x in [Grad(grid(2, 3)), Grad(grid(4, dtype=torch.float64))]:
        rows.append(function("dropout", functional.dropout, [x, 0.0]))
        rows.append(function("dropout", functional.dropout, [x, 1.0]))
        rows.append(function("dropout", functional.dropout, [x, 0.4], {"training": False}))
        for p in [0.5, 0.25, 0.0, 1.0]:
            rows.append(layer("Dropout", lambda: layers.Dropout(p), [p], [(False, [x], {}, None), *([(True, [x], {}, None)] if p in (0.0, 1.0) else [])]))
    rows.append(layer("Dropout", lambda: layers.Dropout(inplace=True), [0.5, {"inplace": True}], [(False, [grid(3)], {}, None)]))
    write("embedding", rows)


def attend(query, key, value, attn_mask=None, is_causal=False, scale=None):
    """What PyTorch 2 documents of scaled_dot_product_attention; queries that may look at nothing give zeros."""
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if attn_mask is None:
        return scores.softmax(-1) @ value
    if attn_mask.dtype != torch.bool:
        scores = scores + attn_mask
        seen = (attn_mask.detach() > -inf).expand(scores.shape)
    else:
        seen = attn_mask.expand(scores.shape)
        scores = scores.masked_fill(~attn_mask, -inf)
    # PyTorch's softmax is asked of rows that have something to see, and of no others.
    live = seen.any(-1)
    weights = torch.zeros_like(scores).index_put((live,), scores[live].softmax(-1))
    return weights @ value


def attention():
    rows = []
    name = "scaledDotProductAttention"
    f64 = torch.float64

    def inputs(lead, length, keys, size, out, dtype=f64):
        return [Grad(grid(*lead, length, size, dtype=dtype)), Grad(grid(*lead, keys, size, seed=2, dtype=dtype)), Grad(grid(*lead, keys, out, seed=3, dtype=dtype))]

    for sizes in [([], 3, 3, 4, 4), ([2], 3, 5, 4, 2), ([2, 2], 4, 4, 3, 3), ([1], 1, 1, 1, 1), ([2], 5, 2, 3, 4), ([0], 2, 2, 3, 3), ([2], 0, 3, 2, 2)]:
        args = inputs(*sizes)
        length, keys = sizes[1:3]
        torch.manual_seed(11)
        mask = torch.rand(length, keys) < 0.6
        added = grid(length, keys, seed=7, dtype=f64)
        for options in [{}, {"isCausal": True}, {"scale": 0.3}, {"attnMask": mask}, {"attnMask": Grad(added)}, {"attnMask": added.masked_fill(~mask, -inf), "scale": 2.0}]:
            rows.append(function(name, attend, args, options))
    args = inputs([2], 3, 4, 4, 2)
    nothing = torch.tensor([[True, False, True, True], [False] * 4, [False, False, False, True]])
    for mask in [nothing, torch.zeros(3, 4, dtype=torch.bool), torch.zeros(3, 4, dtype=f64).masked_fill(~nothing, -inf), nothing[None, :, :], nothing[:1], nothing[:, :1].clone()]:
        rows.append(function(name, attend, args, {"attnMask": mask}))
    rows.append(function(name, attend, args, {"attnMask": Grad(grid(3, 1, dtype=f64))}))
    rows.append(function(name, exactly(attend), inputs([2, 2], 3, 4, 4, 4, torch.float32), {"isCausal": True}))
    rows.append(function(name, exactly(attend), inputs([2, 2], 3, 4, 4, 4, torch.float32), {"attnMask": nothing}))
    big = [Grad(x.tensor * 300) for x in inputs([], 3, 3, 2, 2)]
    rows.append(function(name, attend, big, {"isCausal": True}))
    broadcast = [Grad(grid(2, 1, 3, 4, dtype=f64)), Grad(grid(1, 2, 5, 4, seed=2, dtype=f64)), Grad(grid(5, 3, seed=3, dtype=f64))]
    rows.append(function(name, attend, broadcast))

    def heads(create, inputs, options=None, ours=None, training=True, seed=None, title=""):
        sizes, given = create
        kwargs = {snake(k): (torch.float64 if k == "dtype" else v) for k, v in given.items()}
        return layer("MultiheadAttention", lambda: layers.MultiheadAttention(*sizes, **kwargs), [*sizes, given], [(training, inputs, options or {}, ours)] if inputs else [], seed=seed, title=title)

    wide = {"dtype": "float64"}
    later = torch.ones(3, 3, dtype=torch.bool).triu(1)
    padding = torch.tensor([[False, False, True], [False, False, False]])
    x = grid(3, 2, 4, dtype=f64)
    for more in [{}, {"batchFirst": True}, {"bias": False}, {"addBiasKv": True}, {"addZeroAttn": True}, {"addBiasKv": True, "addZeroAttn": True}]:
        first = more.get("batchFirst", False)
        create = ([4, 2], {**more, **wide})
        one = Grad(x.transpose(0, 1).contiguous() if first else x)
        own = [one, Same(0), Same(0)]
        memory = Grad(grid(*((2, 5, 4) if first else (5, 2, 4)), seed=2, dtype=f64))
        rows.append(heads(create, own))
        rows.append(heads(create, own, {"attnMask": later}, {"isCausal": True}))
        if len(more) == 1 and not first:
            continue
        rows.append(heads(create, own, {"needWeights": False}))
        rows.append(heads(create, own, {"averageAttnWeights": False}))
        rows.append(heads(create, own, {"attnMask": later, "keyPaddingMask": padding}))
        rows.append(heads(create, own, {"attnMask": later}, {"attnMask": later, "isCausal": True}))
        rows.append(heads(create, [one, memory, Same(1)]))
        rows.append(heads(create, [one, memory, Grad(memory.tensor.flip(-1))], {"attnMask": Grad(grid(3, 5, seed=8, dtype=f64))}))
        rows.append(heads(create, [Grad(grid(3, 4, dtype=f64)), Same(0), Same(0)], {"attnMask": later}))
    create = ([4, 2], wide)
    own = [Grad(x), Same(0), Same(0)]
    rows.append(heads(create, own, {"keyPaddingMask": padding}, training=False))
    rows.append(heads(create, own, {"attnMask": grid(4, 3, 3, seed=8, dtype=f64)}))
    rows.append(heads(create, own, {"attnMask": later.expand(4, 3, 3).clone()}))
    rows.append(heads(create, own, {"keyPaddingMask": grid(2, 3, seed=8, dtype=f64)}))
    rows.append(heads(create, [Grad(grid(3, 4, dtype=f64)), Same(0), Same(0)], {"keyPaddingMask": padding[0]}))
    rows.append(heads(([4, 1], {"dropout": 0.5, **wide}), own, training=False))
    rows.append(heads(([4, 4], wide), own))
    for given in [{"kdim": 3, "vdim": 5, **wide}, {"kdim": 3, **wide}, {"vdim": 2, "bias": False, "batchFirst": True, **wide}]:
        k, v = given.get("kdim", 4), given.get("vdim", 4)
        shape = (2, 3) if given.get("batchFirst") else (3, 2)
        rows.append(heads(([4, 2], given), [Grad(grid(*shape, 4, dtype=f64)), Grad(grid(*shape, k, seed=2, dtype=f64)), Grad(grid(*shape, v, seed=3, dtype=f64))]))
    for seed, (sizes, given) in enumerate([([4, 2], {}), ([4, 2], {"bias": False}), ([6, 3], {"addBiasKv": True}), ([4, 1], {"kdim": 3, "vdim": 5}), ([8, 2], {"kdim": 2, "addBiasKv": True}), ([16, 4], {"batchFirst": True}), ([4, 2], wide)]):
        rows.append(heads((sizes, given), None, seed=seed, title="as made"))
    write("attention", rows)


if __name__ == "__main__":
    normalization()
    batch_normalization()
    embeddings()
    attention()
