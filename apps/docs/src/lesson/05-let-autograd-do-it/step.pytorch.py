import torch
from torch import nn

def train(make, state):
    torch.manual_seed(0)
    X = torch.rand(100, 1) * 10
    y = 2 * X + 3 + torch.randn(100, 1)
    model = nn.Linear(1, 1)
    criterion = nn.MSELoss()
    optimizer = make(model.parameters())
    for i in range(4):
        optimizer.zero_grad()
        criterion(model(X[i]), y[i]).backward()
        before, gradient = model.weight.item(), model.weight.grad.item()
        optimizer.step()
        kept = ", ".join(f"{name} {optimizer.state[model.weight][name].item():.6g}" for name in state)
        print(f"  update {i + 1}: gradient {gradient:.5g}, {kept}, weight {before:.5f} -> {model.weight.item():.5f}")

print("SGD with momentum")
train(lambda params: torch.optim.SGD(params, lr=0.001, momentum=0.9), ["momentum_buffer"])
print("Adam")
train(lambda params: torch.optim.Adam(params, lr=0.001), ["exp_avg", "exp_avg_sq"])
print("AdamW")
train(lambda params: torch.optim.AdamW(params, lr=0.001, weight_decay=0.1), ["exp_avg", "exp_avg_sq"])
