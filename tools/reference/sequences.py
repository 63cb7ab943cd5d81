"""Writes packages/nn/test/fixtures/{transformer,ctc,parametrizations}.json from PyTorch: transformers, the loss of sequences
without alignment, and weights that are computed.

Run: /usr/bin/python3 tools/reference/sequences.py
What PyTorch 1.13 prints otherwise than 2 does is written here as 2 has it.
"""

import torch
from torch import nn as layers
from torch.nn import functional
from torch.nn.utils import parametrizations

from layers import Grad, call, layer
from layers import path as dotted
from layers import values as shortened
from nn import grid, snake, write

F64 = torch.float64
WIDE = {"dtype": "float64"}


def collapsed(self):
    """ModuleList's print of PyTorch 2: modules that print alike in a row are one."""
    shown = [repr(item) for item in self]
    runs = []
    for i, text in enumerate(shown):
        if runs and runs[-1][2] == text:
            runs[-1][1] = i
        else:
            runs.append([i, i, text])
    lines = [f"({a}): {text}" if a == b else f"({a}-{b}): {b - a + 1} x {text}" for a, b, text in runs]
    return "ModuleList(\n  " + "\n  ".join(line.replace("\n", "\n  ") for line in lines) + "\n)"


layers.ModuleList.__repr__ = collapsed


def keywords(options):
    return {snake(k): torch.float64 if v == "float64" else v for k, v in options.items()}


def transformers():
    rows = []
    source, target = grid(3, 2, 4, dtype=F64), grid(2, 2, 4, seed=2, dtype=F64)
    small = {"dimFeedforward": 3, "dropout": 0.0, **WIDE}
    later = lambda n: torch.ones(n, n, dtype=torch.bool).triu(1)
    padding = torch.tensor([[False, False, True], [False, False, False]])
    first = lambda x: x.transpose(0, 1).contiguous()
    for more in [{}, {"normFirst": True}, {"activation": "gelu", "batchFirst": True}, {"layerNormEps": 0.1}]:
        given = {**small, **more}
        src, tgt = (first(source), first(target)) if more.get("batchFirst") else (source, target)
        for options, ours in [({}, None), ({"srcMask": later(3)}, {"isCausal": True}), ({"srcMask": later(3), "srcKeyPaddingMask": padding}, None)]:
            rows.append(layer("TransformerEncoderLayer", lambda: layers.TransformerEncoderLayer(4, 2, **keywords(given)), [4, 2, given], [(True, [Grad(src)], options, ours)]))
        for options, ours in [({}, None), ({"tgtMask": later(2)}, {"tgtIsCausal": True}), ({"memoryKeyPaddingMask": padding, "memoryMask": grid(2, 3, seed=8, dtype=F64), "tgtKeyPaddingMask": padding[:, 1:]}, None)]:
            rows.append(layer("TransformerDecoderLayer", lambda: layers.TransformerDecoderLayer(4, 2, **keywords(given)), [4, 2, given], [(True, [Grad(tgt), Grad(src)], options, ours)]))
    rows.append(layer("TransformerEncoderLayer", lambda: layers.TransformerEncoderLayer(4, 2, 3), [4, 2, {"dimFeedforward": 3}], [(False, [Grad(source[:, 0].float())], {}, None)], title="float32, no batch, evaluating"))
    for name in ["TransformerEncoderLayer", "TransformerDecoderLayer"]:
        rows.append(layer(name, lambda: getattr(layers, name)(4, 2, 3), [4, 2, {"dimFeedforward": 3}], [], seed=3, title="as made"))
    for more in [{}, {"numEncoderLayers": 2, "numDecoderLayers": 3, "normFirst": True}]:
        given = {"dModel": 4, "nhead": 2, "numEncoderLayers": 1, "numDecoderLayers": 1, **small, **more}
        for options, ours in [({}, None), ({"srcKeyPaddingMask": padding, "memoryKeyPaddingMask": padding, "tgtMask": later(2)}, {"srcKeyPaddingMask": padding, "memoryKeyPaddingMask": padding, "tgtIsCausal": True})]:
            rows.append(layer("Transformer", lambda: layers.Transformer(**keywords(given)), [given], [(True, [Grad(source), Grad(target)], options, ours)]))
    made = {"dModel": 4, "nhead": 2, "numEncoderLayers": 2, "numDecoderLayers": 2, "dimFeedforward": 3}
    rows.append(layer("Transformer", lambda: layers.Transformer(**keywords(made)), [made], [], seed=5, title="as made"))
    write("transformer", rows)


def ctc():
    rows = []

    def add(shape, targets, inputs, lengths, dtype=F64, scale=2.0, logits=None, **options):
        logits = grid(*shape, dtype=dtype, scale=scale) if logits is None else logits
        leaf = logits.clone().requires_grad_()
        loss = functional.ctc_loss(leaf.log_softmax(-1), targets, inputs, lengths, **{snake(k): v for k, v in options.items()})
        seed = torch.ones_like(loss) if loss.ndim == 0 else grid(*loss.shape, seed=7, dtype=dtype, scale=1)
        loss.backward(seed)
        rows.append({"logits": shortened(logits), "targets": shortened(targets.int()), "inputLengths": inputs if isinstance(inputs, (tuple, list)) else int(inputs), "targetLengths": lengths if isinstance(lengths, (tuple, list)) else int(lengths), "options": options, "loss": shortened(loss), "gradLoss": shortened(seed), "grad": None if leaf.grad.isnan().any() else shortened(leaf.grad)})

    padded = torch.tensor([[1, 2, 2], [3, 1, 0], [2, 2, 2]])
    long = torch.tensor([1, 2, 2, 3, 1, 2])
    for reduction in ["mean", "sum", "none"]:
        for zero in [False, True]:
            options = {"reduction": reduction, "zeroInfinity": zero}
            add([6, 3, 4], padded, (6, 4, 5), (3, 2, 1), **options)
            add([6, 3, 4], long, (6, 5, 6), (3, 2, 1), **options)
            add([6, 3, 4], long[:3], (6, 5, 6), (2, 0, 1), **options)
            add([3, 3, 4], padded, (3, 2, 3), (3, 2, 3), **options)  # repeats that do not fit: infinity
        add([5, 2, 4], torch.tensor([[0, 1], [1, 1]]), (5, 5), (2, 2), blank=3, reduction=reduction)
        add([5, 4], torch.tensor([1, 2]), (5,), (2,), reduction=reduction)
    add([6, 3, 4], padded, (6, 4, 5), (3, 2, 1), dtype=torch.float32)
    add([40, 2, 6], torch.tensor([[1, 2, 3, 3, 4, 5, 1, 1], [5, 4, 3, 2, 1, 1, 1, 1]]), (40, 35), (8, 5))
    torch.manual_seed(3)
    far = torch.where(torch.rand(8, 2, 4) < 0.5, -100.0, 100.0).to(F64)
    add([8, 2, 4], torch.tensor([[1, 2, 3], [3, 2, 2]]), (8, 8), (3, 3), logits=far, reduction="none")
    write("ctc", rows)


def computed():
    rows = []

    class WeightNorm(layers.Module):
        """PyTorch 2.1's."""

        def __init__(self, dim):
            super().__init__()
            self.dim = dim

        def lengths(self, v):
            return v.norm() .reshape([1] * v.ndim) if self.dim is None else v.norm(2, [d for d in range(v.ndim) if d != self.dim], keepdim=True)

        def forward(self, g, v):
            return v * (g / self.lengths(v))

        def right_inverse(self, weight):
            return self.lengths(weight), weight.clone()

    def add(kind, module, create, args, x, wrap):
        torch.manual_seed(11)
        with torch.no_grad():
            for i, p in enumerate(module.parameters()):
                p.copy_(grid(*p.shape, seed=9 + i, dtype=p.dtype, scale=1))
        before = {k: shortened(v, exact=True) for k, v in module.state_dict().items()}
        torch.manual_seed(12)
        wrap(module)
        path = lambda name: dotted(name).replace("0.U", "0._u").replace("0.V", "0._v")
        state = {path(k): shortened(v) for k, v in module.state_dict().items()}
        calls = []
        for training in [True, True, False]:
            module.train(training)
            calls.append(call(module, [Grad(x)], module=module))
            calls[-1]["after"] = {path(k): shortened(v) for k, v in module.named_buffers()}
        removed = {k: shortened(v) for k, v in torch.nn.utils.parametrize.remove_parametrizations(module, "weight").state_dict().items()}
        rows.append({"kind": kind, "module": type(module).__name__, "create": create, "args": args, "before": before, "state": state, "calls": calls, "removed": removed})

    def weight_norm(dim):
        return lambda module: torch.nn.utils.parametrize.register_parametrization(module, "weight", WeightNorm(dim), unsafe=True)

    for dim in [0, 1, None]:
        add("weightNorm", layers.Linear(3, 2, **{"dtype": F64}), [3, 2, WIDE], [dim], grid(4, 3, dtype=F64), weight_norm(dim))
        add("weightNorm", layers.Conv1d(2, 3, 2, dtype=F64), [2, 3, 2, WIDE], [dim], grid(1, 2, 4, dtype=F64), weight_norm(dim))
    for options in [{}, {"nPowerIterations": 3}, {"dim": 1, "eps": 0.1}]:
        wrap = lambda module: parametrizations.spectral_norm(module, **{snake(k): v for k, v in options.items()})
        add("spectralNorm", layers.Linear(3, 2, dtype=F64), [3, 2, WIDE], [options], grid(4, 3, dtype=F64), wrap)
        add("spectralNorm", layers.ConvTranspose1d(2, 3, 2, dtype=F64), [2, 3, 2, WIDE], [options], grid(1, 2, 4, dtype=F64), wrap)
    write("parametrizations", rows)


if __name__ == "__main__":
    transformers()
    ctc()
    computed()
