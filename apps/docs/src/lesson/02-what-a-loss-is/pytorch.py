import torch

def tenths(t):
    return (t * 10).round() / 10

torch.manual_seed(0)
x = tenths(torch.rand(8, dtype=torch.float64) * 10)
y = tenths(2 * x + 3 + torch.randn(8, dtype=torch.float64) * 2)
w, b = 1.0, 5.0

predictions = w * x + b
residuals = y - predictions
losses = residuals ** 2

for i in range(8):
    average = losses[: i + 1].mean()
    print(f"x {x[i]:.1f}, y {y[i]:.1f}: the line says {predictions[i]:.2f}, off by {residuals[i]:.2f}, "
          f"loss {losses[i]:.4f}, average so far {average:.4f}")
