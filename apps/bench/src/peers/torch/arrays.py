"""Elementwise chains, products and the batch of a loader."""
import math

import torch
from torch.utils.data import DataLoader, TensorDataset

from inputs import values

million = 1_000_000


class Repeated:
    """Computes the same again and again; the result stays where it is."""

    def __init__(self, fn, *inputs):
        self.fn = fn
        self.inputs = inputs

    def run(self, steps):
        for _ in range(steps):
            self.fn(*self.inputs)

    def check(self):
        flat = self.fn(*self.inputs).flatten()
        places = [math.floor((i + 0.5) * len(flat) / 8) for i in range(8)]
        picked = [flat[place].item() for place in places]
        return picked + [sum(map(abs, picked)) / 8]


def gelu():
    b = math.sqrt(2 / math.pi)
    a = 0.044715 * b
    return Repeated(lambda x: (x * x * a + b).mul(x).tanh().add(1).mul(x).mul(0.5), values(70, million, 4))


def add():
    return Repeated(torch.add, values(71, million), values(72, million))


def matmul(size):
    return Repeated(torch.matmul, values(73, (size, size)), values(74, (size, size)))


class Batch:
    """A shuffled loader over 60,000 rows."""

    def __init__(self):
        self.data = values(75, (60_000, 784))
        self.loader = DataLoader(TensorDataset(self.data), batch_size=64, shuffle=True)
        self.turn = iter(self.loader)

    def next(self):
        batch = next(self.turn, None)
        if batch is None:
            self.turn = iter(self.loader)
            batch = next(self.turn)
        return batch[0]

    def run(self, steps):
        for _ in range(steps):
            self.next()

    def check(self):
        rows = self.next()
        places = set()
        for row in rows:
            candidates = (self.data[:, 0] == row[0]).nonzero().flatten().tolist()
            places.update(place for place in candidates if torch.equal(self.data[place], row))
        return [len(places)]
