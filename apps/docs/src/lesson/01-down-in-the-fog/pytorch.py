import torch

def height(x, y):
    return (x - 1) ** 2 + 100 * (y - x ** 2) ** 2

def limit_at(place):
    H = torch.autograd.functional.hessian(lambda p: height(p[0], p[1]), place)
    return 2 / torch.linalg.eigvalsh(H)[-1].item()

rate = 0.001
place = torch.tensor([-1.2, 1.0], dtype=torch.float64)
print(f"edge at the lowest point: {limit_at(torch.ones(2, dtype=torch.float64)):.6f}")

for step in range(6):
    place.requires_grad_()
    here = height(place[0], place[1])
    slope, = torch.autograd.grad(here, place)
    x, y = place.tolist()
    print(f"step {step}: ({x:.4f}, {y:.4f}), {here.item():.4f} high, "
          f"slope ({slope[0]:.4f}, {slope[1]:.4f}), edge {limit_at(place.detach()):.6f}")
    place = place.detach() - rate * slope
