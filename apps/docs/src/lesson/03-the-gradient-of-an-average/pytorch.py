import torch

torch.manual_seed(0)
X = torch.rand(100) * 10
Y = 2 * X + 3 + torch.randn(100)
x, y = X.double(), Y.double()

inputs = torch.stack([x, torch.ones_like(x)], 1)
H = (inputs.unsqueeze(2) * inputs.unsqueeze(1) * 2).mean(0)
print(f"edge: {2 / torch.linalg.eigvalsh(H)[-1].item():.6f}")

rate = 0.01
w = torch.zeros((), dtype=torch.float64, requires_grad=True)
b = torch.zeros((), dtype=torch.float64, requires_grad=True)

for step in range(6):
    loss = ((y - (w * x + b)) ** 2).mean()
    w.grad = b.grad = None
    loss.backward()
    print(f"step {step}: w {w.item():.4f}, b {b.item():.4f}, average loss {loss.item():.4f}, "
          f"slope ({w.grad.item():.4f}, {b.grad.item():.4f})")
    with torch.no_grad():
        w -= rate * w.grad
        b -= rate * b.grad
