"""Runs the lesson's programs in PyTorch: reads "program steps" lines, answers with the seconds that the steps took."""
import sys
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
torch.manual_seed(0)
X = torch.rand(100, 1) * 10
y = 2 * X + 3 + torch.randn(100, 1)
model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.001)
loader = DataLoader(TensorDataset(X, y), batch_size=10, shuffle=True)


def train(inputs, targets):
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()


def program_2(steps):
    for k in range(steps):
        i = k % 100
        train(X[i], y[i])


def program_3(steps):
    done = 0
    while done < steps:
        for inputs, targets in loader:
            train(inputs, targets)
            done += 1
            if done == steps:
                break


print(torch.__version__, flush=True)
for line in sys.stdin:
    program, steps = line.split()
    start = time.perf_counter()
    {"2": program_2, "3": program_3}[program](int(steps))
    print(time.perf_counter() - start, flush=True)
