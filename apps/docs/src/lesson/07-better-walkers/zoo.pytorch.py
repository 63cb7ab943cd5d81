import torch
from torch.optim import SGD, RMSprop, Adam, AdamW

# The height of each ground, the usual start, and two rates: for steps that grow with the slope, and for those that do not.
grounds = {
    "two hollows": (lambda x, y: (x ** 2 - 1) ** 2 + 0.3 * x + y ** 2, (1.6, 1.2), 0.02, 0.02),
    "a saddle": (lambda x, y: x ** 2 - y ** 2 + y ** 4 / 2, (-1.5, 0.0), 0.02, 0.02),
    "Rosenbrock's": (lambda x, y: (x - 1) ** 2 + 100 * (y - x ** 2) ** 2, (-1.2, 1.0), 0.0006, 0.05),
    "Beale's": (lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
                (1.0, 1.2), 0.003, 0.03),
    "Himmelblau's": (lambda x, y: (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2, (0.0, -1.0), 0.003, 0.1),
}

walkers = {
    "SGD": lambda w, lr, _: SGD([w], lr=lr),
    "Momentum": lambda w, lr, _: SGD([w], lr=lr, momentum=0.9),
    "Nesterov": lambda w, lr, _: SGD([w], lr=lr, momentum=0.9, nesterov=True),
    "RMSprop": lambda w, _, lr: RMSprop([w], lr=lr),
    "Adam": lambda w, _, lr: Adam([w], lr=lr),
    "AdamW": lambda w, _, lr: AdamW([w], lr=lr),
}

def walk(ground, start, noise):
    height, _, rate, stride = grounds[ground]
    torch.manual_seed(0)
    field = {}
    for name, make in walkers.items():
        place = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        field[name] = place, make(place, rate, stride)
    for step in range(300):
        chance = noise * torch.randn(2, dtype=torch.float64)
        for place, optimizer in field.values():
            slope, = torch.autograd.grad(height(place[0], place[1]), place)
            place.grad = slope + chance
            optimizer.step()
    print(f"{ground} from {start}, noise {noise}: after 300 steps")
    for name, (place, _) in field.items():
        print(f"  {name:9} at ({place[0]:.4f}, {place[1]:.4f})")

for ground in grounds:
    walk(ground, grounds[ground][1], 0)
walk("two hollows", (-1.7, 1.2), 0)
walk("a saddle", (-1.5, 0.0), 0.25)
