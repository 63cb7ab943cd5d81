import torch

torch.manual_seed(0)
X = torch.rand(100) * 10
Y = 2 * X + 3 + torch.randn(100)
x, y = X.double(), Y.double()

inputs = torch.stack([x, torch.ones_like(x)], 1)
H = inputs.T @ inputs * 2 / 100
values, axes = torch.linalg.eigh(H)
best = torch.linalg.solve(inputs.T @ inputs, inputs.T @ y)
flat, steep = values.tolist()
print(f"curvatures {flat:.4f} and {steep:.4f}, condition number {steep / flat:.2f}, edge {2 / steep:.6f}")
print(f"best line: w {best[0]:.4f}, b {best[1]:.4f}")

for rate in (0.028, 0.0305):
    print(f"rate {rate}: factors {1 - rate * flat:.4f} and {1 - rate * steep:.4f}")
    place = torch.zeros(2, dtype=torch.float64)
    for step in range(101):
        away = (axes.T @ (place - best)).abs()
        if step % 20 == 0:
            print(f"  step {step}: away {away[0]:.4f} (flat), {away[1]:.4f} (steep)")
        place = place - rate * (inputs.T @ (y - inputs @ place) * -2 / 100)
