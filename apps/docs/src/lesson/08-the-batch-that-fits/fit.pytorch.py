import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

def step(images, labels):
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss

def bytes_of(tensors):
    return sum(t.numel() * t.element_size() for t in tensors)

# What PyTorch holds on the CPU, it does not count; this counts it. How fast it is, is for your machine to say.
size = 1
while size <= 4096:
    images, labels = torch.randn(size, 784), torch.randint(0, 10, (size,))
    step(images, labels)
    saved = []  # what the forward pass keeps for the backward pass, the weights aside
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        criterion(model(images), labels)
    weights = {p.data_ptr() for p in model.parameters()}
    kept = {t.data_ptr(): t for t in saved if t.data_ptr() not in weights and t.data_ptr() != images.data_ptr()}
    state = bytes_of(list(model.parameters())) + sum(bytes_of([s["exp_avg"], s["exp_avg_sq"]]) for s in optimizer.state.values())
    print(f"batch of {size:4}: weights and Adam {state:8} bytes, batch {bytes_of([images]):9}, "
          f"kept for the way back {bytes_of(kept.values()):8}")
    size *= 2
