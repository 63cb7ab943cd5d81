"""Writes packages/nn/test/fixtures/{other-losses,margin-losses,normalize}.json from PyTorch: the losses beside those of nn.py, and distances.

Run: /usr/bin/python3 tools/reference/losses.py
Rows are those of nn.py: packages/nn/test/fixtures.test.ts replays them, as modules and as functions.
"""

import itertools

import torch
from torch import nn
from torch.nn import functional

import nn as reference
from nn import camel, grid, run, snake, write
from layers import Grad, function
from layers import values as shortened

reference.values = shortened
F64 = torch.float64
LOGITS = [100.0, -100.0, 100.0, -100.0, 0.0, 30.0, -30.0, 0.5]
rows = []


def every(**choices):
    """Every combination of the options; None leaves one out."""
    for chosen in itertools.product(*choices.values()):
        yield {name: value for name, value in zip(choices, chosen) if value is not None}


def add(name, options, inputs, title=""):
    given = {snake(k): v for k, v in options.items()}
    said = {k: reference.values(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}
    row = run(name, getattr(nn, name)(**given), inputs, [], said, title)
    rows.append({**row, "print": camel(row["print"]), "state": {camel(k): v for k, v in row["state"].items()}})


def pair(shape, seed=2, dtype=F64):
    return [(grid(*shape, dtype=dtype), True), (grid(*shape, seed=seed, dtype=dtype), True)]


REDUCTIONS = ["mean", "sum", "none"]


def smooth():
    far = [(torch.tensor([1e4, -1e4, 2.0, 1.0, -1.0, 0.0], dtype=F64), True), (torch.tensor([-1e4, 1e4, 2.0, 0.0, 0.0, 0.5], dtype=F64), True)]
    for name, option, sizes in [("SmoothL1Loss", "beta", [None, 0.5, 2.0, 0]), ("HuberLoss", "delta", [None, 0.5, 2.0])]:
        for options in every(reduction=REDUCTIONS, **{option: sizes}):
            for shape in [[5], [2, 3], []]:
                add(name, options, pair(shape))
            if options.get(option) != 0:  # PyTorch's gradient at 0 is -1 there
                add(name, options, far, "far, near and at the bound")
        add(name, {}, pair([4], dtype=torch.float32))
        add(name, {"reduction": "none"}, [(torch.tensor([float("inf"), float("-inf"), 1.0]), True), (torch.zeros(3), False)], "special")
        add(name, {}, pair([0]), "nothing")


def binary():
    y = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.3], dtype=F64)
    logits = torch.tensor(LOGITS, dtype=F64)
    for reduction in REDUCTIONS:
        for weight in [None, grid(3, seed=5, dtype=F64).abs(), grid(2, 3, seed=6, dtype=F64).abs()]:
            options = {"reduction": reduction, **({} if weight is None else {"weight": weight})}
            x, target = grid(2, 3, dtype=F64), grid(2, 3, seed=3, dtype=F64).sigmoid()
            add("BCELoss", options, [(x.sigmoid(), True), (target, True)])
            for positive in [None, torch.tensor([0.5, 3.0, 1.0], dtype=F64)]:
                more = {**options, **({} if positive is None else {"posWeight": positive})}
                add("BCEWithLogitsLoss", more, [(x, True), (target, True)])
                add("BCEWithLogitsLoss", more, [(x, True), (target.round(), False)])
            add("MultiLabelSoftMarginLoss", options, [(x, True), (target.round(), False)])
        options = {"reduction": reduction}
        for shape in [[5], [], [0]]:
            add("BCELoss", options, [(grid(*shape, dtype=F64).sigmoid(), True), (grid(*shape, seed=2, dtype=F64).sigmoid(), False)])
            add("BCEWithLogitsLoss", options, [(grid(*shape, dtype=F64), True), (grid(*shape, seed=2, dtype=F64).sigmoid(), True)])
        # Targets' gradients here are infinite in PyTorch, though its loss is not.
        add("BCELoss", options, [(torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-8, 1e-30], dtype=F64), True), (torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 1.0], dtype=F64), False)], "certain")
        for dtype in [F64, torch.float32]:
            add("BCEWithLogitsLoss", options, [(logits.to(dtype), True), (y.to(dtype), False)], "extreme")
        add("MultiLabelSoftMarginLoss", options, [(logits, True), (y, False)], "extreme, one row")
        for shape in [[5], [2, 3], []]:
            add("SoftMarginLoss", options, [(grid(*shape, dtype=F64), True), (grid(*shape, seed=2, dtype=F64).sign(), False)])
        add("SoftMarginLoss", options, [(logits, True), (y.round() * 2 - 1, False)], "extreme")
    add("BCELoss", {}, [(grid(4).sigmoid(), True), (grid(4, seed=2).sigmoid(), False)])
    add("BCEWithLogitsLoss", {}, [(grid(4), True), (grid(4, seed=2).sigmoid(), False)])
    add("MultiLabelSoftMarginLoss", {}, [(grid(2, 4), True), (grid(2, 4, seed=2).sigmoid().round(), False)])
    add("SoftMarginLoss", {}, [(grid(4), True), (grid(4, seed=2).sign(), False)])


def likelihood():
    for options in every(reduction=[*REDUCTIONS, "batchmean"], logTarget=[None, True]):
        for shape in [[5], [2, 3], [2, 3, 2]]:
            x, p = grid(*shape, dtype=F64), grid(*shape, seed=2, dtype=F64).softmax(-1)
            add("KLDivLoss", options, [(x.log_softmax(-1), True), (p.log() if options.get("logTarget") else p, True)])
        far = torch.tensor([LOGITS], dtype=F64)
        certain = torch.tensor([[0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0]], dtype=F64)
        add("KLDivLoss", options, [(far.log_softmax(-1), True), (far.flip(1).log_softmax(-1) if options.get("logTarget") else certain, False)], "extreme")
    add("KLDivLoss", {}, [(grid(2, 4).log_softmax(-1), True), (grid(2, 4, seed=2).softmax(-1), False)])
    for options in every(full=[None, True], eps=[None, 0.25], reduction=REDUCTIONS):
        for shape, spread in [([5], [5]), ([2, 3], [2, 3]), ([2, 3], [2, 1]), ([2, 3], [2]), ([2, 2, 3], [2, 2])]:
            var = grid(*spread, seed=3, dtype=F64).abs()
            add("GaussianNLLLoss", options, [*pair(shape), (var, True)])
    add("GaussianNLLLoss", {}, [*pair([3], dtype=torch.float32), (torch.tensor([0.5, 1.0, 2.0]), True)])
    add("GaussianNLLLoss", {}, [*pair([3]), (torch.tensor([0.0, 1e-9, 100.0], dtype=F64), True)], "hardly any variance")
    for options in every(logInput=[None, False], full=[None, True], eps=[None, 0.5], reduction=REDUCTIONS):
        for shape in [[6], [2, 3]]:
            counts = grid(*shape, seed=2, dtype=F64).abs().mul(3).floor()
            x = grid(*shape, dtype=F64)
            add("PoissonNLLLoss", options, [(x.abs() if options.get("logInput") is False else x, True), (counts, False)])
    add("PoissonNLLLoss", {"full": True}, [(grid(4), True), (torch.tensor([0.0, 1.0, 2.0, 7.0]), False)])
    add("PoissonNLLLoss", {}, [(torch.tensor([-100.0, 80.0, 100.0], dtype=F64), True), (torch.tensor([1.0, 0.0, 2.0], dtype=F64), False)], "extreme")
    # Up to 1, where Stirling's formula is left out, PyTorch's gradient is NaN.
    add("PoissonNLLLoss", {"full": True}, [(grid(4, dtype=F64), True), (grid(4, seed=2, dtype=F64).abs() + 1.5, True)], "targets with gradients")


def margins():
    for options in every(margin=[None, 0.5], reduction=REDUCTIONS):
        for shape in [[5], [2, 3], []]:
            sign = grid(*shape, seed=3, dtype=F64).sign()
            add("HingeEmbeddingLoss", options, [(grid(*shape, dtype=F64), True), (sign, False)])
            add("MarginRankingLoss", options, [*pair(shape), (sign, False)])
        sign = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0], dtype=F64)
        add("HingeEmbeddingLoss", options, [(torch.tensor([*LOGITS[:6], 1.0, 1.0], dtype=F64), True), (sign, False)], "extreme, and at the bound")
        ties = torch.tensor([*LOGITS[:4], 1.0, 1.0, 2.0, 0.5], dtype=F64)
        add("MarginRankingLoss", options, [(ties, True), (torch.ones(8, dtype=F64), True), (sign, False)], "extreme, and at the bound")
    for name in ["HingeEmbeddingLoss", "MarginRankingLoss"]:
        inputs = pair([4], dtype=torch.float32)
        add(name, {}, [*(inputs if name[0] == "M" else inputs[:1]), (torch.tensor([1.0, -1.0, -1.0, 1.0]), False)])
    add("HingeEmbeddingLoss", {}, [(grid(4), True), (torch.tensor([1, -1, -1, 1], dtype=torch.int32), False)], "targets that are ints")
    for weight in [None, torch.tensor([0.5, 2.0, 1.0, 0.25], dtype=F64)]:
        for options in every(p=[None, 2], margin=[None, 0.5], weight=[weight], reduction=REDUCTIONS):
            add("MultiMarginLoss", options, [(grid(3, 4, dtype=F64), True), (torch.tensor([2, 0, 3]), False)])
            add("MultiMarginLoss", options, [(grid(4, dtype=F64), True), (torch.tensor(1), False)])
            add("MultiMarginLoss", options, [(torch.tensor([LOGITS[:4], [0.0, 1.0, 1.0, 0.0]], dtype=F64), True), (torch.tensor([1, 2]), False)], "extreme, and at the bound")
    add("MultiMarginLoss", {}, [(grid(3, 4), True), (torch.tensor([2, 0, 3]), False)])
    for reduction in REDUCTIONS:
        options = {"reduction": reduction}
        listed = torch.tensor([[3, 0, -1, 1], [-1, 2, 2, 2], [0, 1, 2, 3]])
        add("MultiLabelMarginLoss", options, [(grid(3, 4, dtype=F64), True), (listed, False)])
        add("MultiLabelMarginLoss", options, [(grid(4, dtype=F64), True), (listed[0], False)])
        add("MultiLabelMarginLoss", options, [(torch.tensor([LOGITS[:4], [0.0, 1.0, 1.0, 0.0]], dtype=F64), True), (torch.tensor([[1, -1, 0, 0], [2, -1, 0, 0]]), False)], "extreme, and at the bound")
    add("MultiLabelMarginLoss", {}, [(grid(3, 4), True), (listed, False)])


def embeddings():
    def three(*shape, dtype=F64):
        return [(grid(*shape, seed=seed, dtype=dtype), True) for seed in (1, 2, 3)]

    for options in every(margin=[None, 0.3], p=[None, 1.0, 3.0], swap=[None, True], reduction=REDUCTIONS):
        add("TripletMarginLoss", options, three(3, 4))
        add("TripletMarginLoss", options, three(4))
    add("TripletMarginLoss", {"eps": 0.1}, three(3, 4))
    add("TripletMarginLoss", {}, three(3, 4, dtype=torch.float32))
    add("TripletMarginLoss", {"reduction": "none"}, [(torch.tensor([LOGITS, LOGITS], dtype=F64), True), (torch.tensor([LOGITS[::-1], LOGITS], dtype=F64), True), (torch.zeros(2, 8, dtype=F64), True)], "extreme, and equal")
    for options in every(margin=[None, 0.3], swap=[None, True], reduction=REDUCTIONS):
        add("TripletMarginWithDistanceLoss", options, three(3, 4))
    for options in every(margin=[None, 0.3], reduction=REDUCTIONS):
        add("CosineEmbeddingLoss", options, [*pair([4, 3]), (torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=F64), False)])
        for target in (1, -1):
            add("CosineEmbeddingLoss", options, [*pair([3]), (torch.tensor(target, dtype=torch.int32), False)])
        add("CosineEmbeddingLoss", options, [(torch.tensor([LOGITS, LOGITS, [0.0] * 8], dtype=F64), True), (torch.tensor([LOGITS, LOGITS[::-1], LOGITS], dtype=F64), True), (torch.tensor([-1, -1, 1], dtype=torch.int32), False)], "extreme, and of length 0")
    add("CosineEmbeddingLoss", {}, [*pair([2, 3], dtype=torch.float32), (torch.tensor([1.0, -1.0]), False)])
    for options in every(p=[None, 1.0, 3.0], eps=[None, 0.1], keepdim=[None, True]):
        add("PairwiseDistance", options, pair([3, 4]))
        add("PairwiseDistance", options, pair([4]))
    add("PairwiseDistance", {}, pair([3, 4], dtype=torch.float32))
    for options in every(dim=[None, 0, -1], eps=[None, 2.0]):
        add("CosineSimilarity", options, pair([3, 4]))
        add("CosineSimilarity", options, pair([3, 4, 2]))
    add("CosineSimilarity", {}, pair([3, 4], dtype=torch.float32))


if __name__ == "__main__":
    smooth()
    binary()
    likelihood()
    write("other-losses", rows)
    rows.clear()
    margins()
    embeddings()
    write("margin-losses", rows)
    write("normalize", [function("normalize", functional.normalize, [Grad(x)], options) for x in [grid(3, 4, dtype=F64), grid(2, 3, 2, dtype=F64), grid(2, 3), torch.zeros(2, 3, dtype=F64)] for options in every(p=[None, 1.0, 3.0], dim=[None, 0, -1], eps=[None, 2.0])])
