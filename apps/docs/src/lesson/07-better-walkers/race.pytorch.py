import math
import torch
from torch.optim import SGD, RMSprop, Adam, AdamW
from torch.optim.lr_scheduler import LambdaLR

def height(x, y, turn):
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    along = (x - 1) * cos + (y - 0.5) * sin
    across = (y - 0.5) * cos - (x - 1) * sin
    return (along ** 2 + 132 * across ** 2) / 2

walkers = {
    "SGD": lambda w: SGD([w], lr=0.01),
    "Momentum": lambda w: SGD([w], lr=0.01, momentum=0.9),
    "Nesterov": lambda w: SGD([w], lr=0.01, momentum=0.9, nesterov=True),
    "RMSprop": lambda w: RMSprop([w], lr=0.1),
    "Adam": lambda w: Adam([w], lr=0.1),
    "AdamW": lambda w: AdamW([w], lr=0.1, weight_decay=0.01),
}

def cosine(step):
    return (1 + math.cos(math.pi * step / 200)) / 2

def race(turn, noise, schedule):
    torch.manual_seed(0)
    torch.rand(2, dtype=torch.float64)  # the start that the seed would draw
    field = {}
    for name, make in walkers.items():
        place = torch.tensor([-2.0, 1.0], dtype=torch.float64, requires_grad=True)
        optimizer = make(place)
        field[name] = place, optimizer, LambdaLR(optimizer, schedule)
    for step in range(201):
        chance = noise * torch.randn(2, dtype=torch.float64)
        heights = {}
        for name, (place, optimizer, scheduler) in field.items():
            here = height(place[0], place[1], turn)
            heights[name] = here.item()
            slope, = torch.autograd.grad(here, place)
            place.grad = slope + chance
            optimizer.step()
            scheduler.step()
        if step in (0, 1, 2, 50, 100, 200):
            print(f"{step:4}" + "".join(f"{heights[name]:12.4e}" for name in walkers))

for title, settings in [
    ("a narrow valley along the axes", (0, 0, lambda step: 1)),
    ("the same, turned by 45 degrees", (45, 0, lambda step: 1)),
    ("along the axes, with noise", (0, 3, lambda step: 1)),
    ("with noise, and the rates falling along a cosine", (0, 3, cosine)),
]:
    print(f"{title}\nstep" + "".join(f"{name:>12}" for name in walkers))
    race(*settings)
