import numpy as np
import torch

random = np.random.RandomState(42)
X = torch.tensor(random.uniform(0, 10, 100))
y = 5 * X + 7 + torch.tensor(random.randn(100))
w, b = torch.tensor(random.randn()), torch.tensor(random.randn())
rate = 0.01

def uphill(w, b):
    errors = y - (w * X + b)
    gradients = torch.stack([X * errors, errors], 1) * -2
    return (gradients @ gradients.mean(0) < 0).sum().item()

print(f"No sample's step overshoots up to a rate of {1 / (1 + X.max().item() ** 2):.6f}")
for epoch in range(5):
    for i in range(100):
        error = y[i] - (w * X[i] + b)
        if i % 10 == 0:
            average = ((y - (w * X + b)) ** 2).mean()
            print(f"Epoch {epoch + 1}, Sample {i + 1}, Loss: {error.item() ** 2:.4f} "
                  f"(average {average.item():.4f}, uphill {uphill(w, b)})")
        w = w - rate * -2 * X[i] * error
        b = b - rate * -2 * error

print(f"Trained weight: {w.item():.4f}, trained bias: {b.item():.4f}")
