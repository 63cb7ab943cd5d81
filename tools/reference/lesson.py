"""What the lesson's three programs compute in NumPy and PyTorch, and programs 2 and 3 with other data, seeds and rates.

Writes apps/playground/test/fixtures/lesson.json. Run by hand: /usr/bin/python3 tools/reference/lesson.py
"""
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

OUT = Path(__file__).parents[2] / "apps/playground/test/fixtures/lesson.json"


def by_hand():
    np.random.seed(42)
    X = 10 * np.random.rand(100, 1)
    y = 5 * X + 7 + np.random.randn(100, 1)
    w, b = np.random.randn(1), np.random.randn(1)
    lines = []
    for epoch in range(5):
        for i in range(100):
            error = y[i] - (w * X[i] + b)
            w = w + 0.01 * 2 * X[i] * error
            b = b + 0.01 * 2 * error
            if i % 10 == 0:
                lines.append(f"Epoch {epoch + 1}, Sample {i + 1}, Loss: {(error ** 2).item():.4f}")
    lines.append(f"Trained weight: {w.item():.4f}, trained bias: {b.item():.4f}")
    return lines


def data(seed, n, features):
    torch.manual_seed(seed)
    X = torch.rand(n, features) * 10
    y = 2 * X.sum(1, keepdim=True) + 3 + torch.randn(n, 1)
    return X, y


def parameters(model):
    return [p.detach().flatten().tolist() for p in model.parameters()]


def one_at_a_time(X, y, rate, epochs):
    model = nn.Linear(X.shape[1], 1)
    initial = parameters(model)
    criterion, optimizer = nn.MSELoss(), optim.SGD(model.parameters(), lr=rate)
    losses = []
    for _ in range(epochs):
        for i in range(len(X)):
            optimizer.zero_grad()
            loss = criterion(model(X[i]), y[i])
            loss.backward()
            optimizer.step()
            if (i + 1) % 10 == 0:
                losses.append(loss.item())
    return {"initial": initial, "losses": losses, "final": parameters(model)}


def mini_batches(X, y, rate, epochs, batch):
    model = nn.Linear(X.shape[1], 1)
    criterion, optimizer = nn.MSELoss(), optim.SGD(model.parameters(), lr=rate)
    loader = DataLoader(TensorDataset(X, y), batch_size=batch, shuffle=True)
    losses = []
    for _ in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "final": parameters(model)}


def variant(seed, n, features, rate, epochs, batch):
    X, y = data(seed, n, features)
    settings = {"seed": seed, "n": n, "features": features, "rate": rate, "epochs": epochs, "batch": batch}
    return {**settings, "program2": one_at_a_time(X, y, rate, epochs), "program3": mini_batches(X, y, rate, epochs, batch)}


variants = [
    variant(0, 100, 1, 0.01, 5, 10),  # the lesson itself
    variant(1, 50, 1, 0.01, 3, 10),
    variant(7, 37, 2, 0.001, 4, 8),  # a short last batch
    variant(123, 16, 3, 0.002, 6, 5),
    variant(2**32 + 5, 15, 1, 0.005, 2, 15),  # one batch; fewer than 16 normals
    variant(2**63 + 1, 64, 5, 0.0005, 3, 64),
    variant(42, 23, 1, 0.02, 2, 1),  # a rate that is too high: the losses grow
]
OUT.parent.mkdir(parents=True, exist_ok=True)
rows = ",\n".join(json.dumps(v) for v in variants)
hand = json.dumps(by_hand(), indent=0)
OUT.write_text(f'{{\n"byHand": {hand},\n"variants": [\n{rows}\n]\n}}\n')
