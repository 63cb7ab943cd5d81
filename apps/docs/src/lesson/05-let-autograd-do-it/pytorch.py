import torch
from torch import nn

torch.manual_seed(0)
X = torch.rand(100, 1) * 10
y = 2 * X + 3 + torch.randn(100, 1)

model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

def show(fn, depth=0):
    """The graph that autograd has recorded, from the loss back to the leaves."""
    leaf = "" if not hasattr(fn, "variable") else f" {fn.variable.detach().flatten().tolist()}"
    print("  " * depth + type(fn).__name__ + leaf)
    for parent, _ in fn.next_functions:
        if parent is not None:
            show(parent, depth + 1)

for epoch in range(1, 6):
    total = 0.0
    for i in range(100):
        optimizer.zero_grad()
        prediction = model(X[i])  # shape (1,), as the target's
        loss = criterion(prediction, y[i])
        if epoch == 1 and i == 0:
            show(loss.grad_fn)
        loss.backward()
        if epoch == 1 and i < 3:
            print(f"sample {i + 1}: loss {loss.item():.4f}, weight {model.weight.item():.4f} with gradient "
                  f"{model.weight.grad.item():.4f}, bias {model.bias.item():.4f} with {model.bias.grad.item():.4f}")
        optimizer.step()
        total += loss.item()
        if (i + 1) % 10 == 0:
            print(f"Epoch [{epoch}/5], Sample [{i + 1}/100], Loss: {loss.item():.4f}")
    print(f"the average of epoch {epoch}: {total / 100:.4f}")
print(f"weight {model.weight.item():.4f}, bias {model.bias.item():.4f}")
