import numpy as np
import torch

random = np.random.RandomState(42)
X = torch.tensor(random.uniform(0, 10, 100))
y = 5 * X + 7 + torch.tensor(random.randn(100))
start = random.randn(), random.randn()
shuffles = [random.permutation(100) for _ in range(5)]

def train(orders, rate=0.01):
    w, b = start
    averages = []
    for order in orders:
        for i in order:
            x = X[i].item()
            error = y[i].item() - (w * x + b)
            w, b = w + rate * 2 * x * error, b + rate * 2 * error
        averages.append(((y - (w * X + b)) ** 2).mean().item())
    return " ".join(f"{average:.4f}" for average in averages)

print("The average loss after each epoch")
print("as drawn:", train([range(100)] * 5))
print("shuffled:", train(shuffles))
print("sorted:  ", train([torch.argsort(X)] * 5))
