import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(100, 1) * 10
y = (2 * x + 3 + torch.randn(100, 1)).double()
nn.Linear(1, 1)  # program 2's model
model = nn.Linear(1, 1)
place = torch.cat([model.weight.flatten(), model.bias]).detach().double()

inputs = torch.cat([x, torch.ones(100, 1)], 1).double()
def gradients(place):
    return 2 * ((inputs @ place).unsqueeze(1) - y) * inputs

for _ in range(10):
    place = place - 0.01 * gradients(place).mean(0)
samples = gradients(place)
full = samples.mean(0)
variance = ((samples - full) ** 2).sum(1).mean()
B = 10
print(f"full gradient ({full[0]:.4f}, {full[1]:.4f}), mean squared distance: "
      f"single samples {variance:.4f}, batches of {B} {variance / B * (100 - B) / 99:.4f}")

total = 0.0
for drawn in range(1, 401):
    gradient = samples[torch.randperm(100)[:B]].mean(0)
    total += ((gradient - full) ** 2).sum()
    if drawn <= 4 or drawn % 100 == 0:
        angle = torch.rad2deg(torch.acos(torch.cosine_similarity(gradient, full, dim=0)))
        print(f"batch {drawn}: ({gradient[0]:.4f}, {gradient[1]:.4f}), {angle:.2f} degrees away, "
              f"mean squared distance so far {total / drawn:.4f}")
