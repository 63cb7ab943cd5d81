import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.rand(100, 1) * 10
y = 2 * X + 3 + torch.randn(100, 1)
nn.Linear(1, 1)  # program 2's model: it was drawn from the same stream
model = nn.Linear(1, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
dataset = TensorDataset(X, y, torch.arange(100))
loader = DataLoader(dataset, batch_size=10, shuffle=True)

for epoch in range(5):
    total, seen = 0.0, 0
    for batch_X, batch_y, which in loader:
        optimizer.zero_grad()
        loss = criterion(model(batch_X), batch_y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch_X)
        seen += len(batch_X)
    print(f"Epoch [{epoch + 1}/5], last batch {which.tolist()}, its loss: {loss.item():.4f}, "
          f"the epoch's: {total / seen:.4f}")
print(f"weight {model.weight.item():.4f}, bias {model.bias.item():.4f}")
