"""Writes packages/nn/test/fixtures/{recurrent,packed}.json from PyTorch: RNN, LSTM, GRU and their cells in every combination of
their options, as calls that packages/nn/test/calls.ts replays, and packed sequences.

Run: /usr/bin/python3 tools/reference/recurrent.py
"""

import itertools

import torch
from torch import nn as layers
from torch.nn.utils import rnn

from layers import Grad, Several, layer, listed, values
from nn import grid, snake, write

f64 = torch.float64
STEPS, BATCH, SIZE, HIDDEN = 3, 2, 2, 2
KINDS = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("LSTM", {"projSize": 1}), ("GRU", {})]


def shapes_of(name, given):
    """The shapes of the states, without a batch."""
    count = given.get("numLayers", 1) * (2 if given.get("bidirectional") else 1)
    first = (count, given.get("projSize") or HIDDEN)
    return [first, (count, HIDDEN)] if name == "LSTM" else [first]


def states(name, given, batch):
    made = [Grad(grid(*([shape[0]] + batch + [shape[1]]), seed=20 + k, dtype=f64)) for k, shape in enumerate(shapes_of(name, given))]
    return Several(made) if name == "LSTM" else made[0]


def options_of(given):
    return {snake(key): torch.float64 if key == "dtype" else value for key, value in given.items()}


def row(name, given, args, seed=None, title="", training=True):
    create = [SIZE, HIDDEN, given]
    calls = [(training, args, {}, None)] if args is not None else []
    return layer(name, lambda: getattr(layers, name)(SIZE, HIDDEN, **options_of(given)), create, calls, seed=seed, title=title)


def combinations():
    rows = []
    wide = {"dtype": "float64"}
    switches = [{"numLayers": 2}, {"bias": False}, {"batchFirst": True}, {"bidirectional": True}]
    for number, (name, kind) in enumerate(KINDS):
        for chosen in itertools.product([False, True], repeat=len(switches)):
            given = dict(kind)
            for on, option in zip(chosen, switches):
                given.update(option if on else {})
            given.update(wide)
            first = given.get("batchFirst", False)
            x = Grad(grid(*((BATCH, STEPS) if first else (STEPS, BATCH)), SIZE, seed=3, dtype=f64))
            # Every other combination begins with a state of its own.
            own = sum(chosen) % 2 == 1
            rows.append(row(name, given, [x, states(name, given, [BATCH])] if own else [x]))
        for given in [{**kind, **wide}, {**kind, "numLayers": 2, "bidirectional": True, "batchFirst": True, **wide}]:
            alone = Grad(grid(STEPS, SIZE, seed=4, dtype=f64))
            rows.append(row(name, given, [alone]))
            rows.append(row(name, given, [alone, states(name, given, [])]))
        rows.append(row(name, {**kind, **wide}, [Grad(grid(1, BATCH, SIZE, seed=5, dtype=f64))], title="one step"))
        rows.append(row(name, {**kind, "numLayers": 2, "dropout": 0.5, **wide}, [Grad(grid(STEPS, BATCH, SIZE, seed=6, dtype=f64))], training=False))
        for given in [{}, {"numLayers": 2, "bidirectional": True}, {"bias": False}, wide]:
            rows.append(row(name, {**kind, **given}, None, seed=number, title="as made"))
    for name, kind in [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {})]:
        for bias in [{}, {"bias": False}]:
            given = {**kind, **bias, **wide}
            for batch in [[3], []]:
                x = Grad(grid(*batch, SIZE, seed=7, dtype=f64))
                made = [Grad(grid(*batch, HIDDEN, seed=30 + k, dtype=f64)) for k in range(2)]
                rows.append(row(name, given, [x]))
                rows.append(row(name, given, [x, Several(made) if name == "LSTMCell" else made[0]]))
            rows.append(row(name, {**kind, **bias}, None, seed=5, title="as made"))
    write("recurrent", rows)


def packed():
    rows = []
    for name, kind in KINDS:
        for given, lengths, enforced, own in [
            ({}, [4, 2, 1], True, True),
            ({"numLayers": 2, "bidirectional": True, "batchFirst": True}, [2, 4, 1], False, True),
            ({"bidirectional": True}, [3, 3, 3], True, False),
        ]:
            given = {**kind, **given, "dtype": "float64"}
            first = given.get("batchFirst", False)
            x = grid(*((3, 4) if first else (4, 3)), SIZE, seed=11, dtype=f64).requires_grad_()
            module = getattr(layers, name)(SIZE, HIDDEN, **options_of(given))
            with torch.no_grad():
                for i, p in enumerate(module.parameters()):
                    p.copy_(grid(*p.shape, seed=9 + i, dtype=f64, scale=1))
            hx = [grid(shape[0], 3, shape[1], seed=20 + k, dtype=f64).requires_grad_() for k, shape in enumerate(shapes_of(name, given))] if own else []
            sequence = rnn.pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=enforced)
            output, last = module(sequence, *([tuple(hx)] if len(hx) == 2 else hx))
            padded, _ = rnn.pad_packed_sequence(output, batch_first=first, padding_value=-7.0, total_length=4)
            results = [output.data, padded, *listed(last)]
            seeds = [grid(*r.shape, seed=70 + k, dtype=f64, scale=1) for k, r in enumerate(results)]
            torch.autograd.backward(results, seeds)
            rows.append({
                "name": name, "options": given, "lengths": lengths, "enforceSorted": enforced, "x": values(x), "hx": [values(h) for h in hx],
                "batchSizes": sequence.batch_sizes.tolist(),
                "sortedIndices": None if sequence.sorted_indices is None else sequence.sorted_indices.tolist(),
                "parameters": [values(p, exact=True) for p in module.parameters()],
                "data": values(sequence.data), "results": [values(r) for r in results], "gradOutputs": [values(s) for s in seeds],
                "grads": [values(t.grad) for t in [x, *hx, *module.parameters()]],
            })
    write("packed", rows)


if __name__ == "__main__":
    combinations()
    packed()
