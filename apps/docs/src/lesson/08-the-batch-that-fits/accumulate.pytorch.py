import torch
from torch import nn

layers = {"linear layers only": nn.Identity, "batch norm": lambda: nn.BatchNorm1d(16), "dropout": lambda: nn.Dropout(0.5)}

def gradients(numbers, layer, parts=4):
    torch.manual_seed(0)
    dtype = torch.float64 if numbers == "float64" else torch.float32
    tidy = (lambda t, times=1: (t * times).round()) if numbers == "whole numbers" else (lambda t, times=1: t)
    x = tidy(torch.randn(256, 8, dtype=dtype))
    y = tidy(x.sum(1, keepdim=True) + torch.randn(256, 1, dtype=dtype))
    model = nn.Sequential(nn.Linear(8, 16), layers[layer](), nn.ReLU(), nn.Linear(16, 1)).to(dtype)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(tidy(weight, 4))
    criterion = nn.MSELoss()

    def gradient():
        return torch.cat([weight.grad.flatten() for weight in model.parameters()])

    criterion(model(x), y).backward()
    whole = gradient()
    model.zero_grad(set_to_none=True)
    for xs, ys in zip(x.chunk(parts), y.chunk(parts)):
        (criterion(model(xs), ys) / parts).backward()  # .grad adds up
    return whole, gradient()

for layer in layers:
    for numbers in ("float32", "float64", "whole numbers"):
        whole, total = gradients(numbers, layer)
        print(f"{layer}, {numbers}: {(whole == total).sum()} of {len(whole)} entries equal, "
              f"largest difference {(whole - total).abs().max():.2g}, largest entry {whole.abs().max():.4f}")
