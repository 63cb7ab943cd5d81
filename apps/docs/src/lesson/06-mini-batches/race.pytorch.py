import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.rand(100, 1) * 10
y = 2 * X + 3 + torch.randn(100, 1)
dataset = TensorDataset(X, y)
start = nn.Linear(1, 1)
criterion = nn.MSELoss()

A = torch.cat([X, torch.ones(100, 1)], 1).double()
floor = ((A @ torch.linalg.lstsq(A, y.double()).solution - y.double()) ** 2).mean()

def walk(batches):
    """Yields before each update: how many samples have been seen, and how far above the lowest the loss is."""
    model = nn.Linear(1, 1)
    model.load_state_dict(start.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.006)
    seen = 0
    while True:
        for batch_X, batch_y in batches:
            line = torch.cat([model.weight.flatten(), model.bias]).detach().double()
            yield seen, (((A @ line).unsqueeze(1) - y.double()) ** 2).mean() - floor
            optimizer.zero_grad()
            criterion(model(batch_X), batch_y).backward()
            optimizer.step()
            seen += len(batch_X)

full = walk([(X, y)])
batch = walk(DataLoader(dataset, batch_size=10, shuffle=True))
single = walk(DataLoader(dataset, batch_size=1, shuffle=True))

for update in range(401):
    walkers = [("full", next(full)), ("batch", next(batch)), ("single", next(single))]
    if update in [0, 1, 2, 5, 10, 100, 400]:
        print(f"after {update} updates: " + "; ".join(
            f"{name}, {above:.4f} above after {seen} samples" for name, (seen, above) in walkers))
