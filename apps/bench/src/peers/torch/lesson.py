"""The lesson's programs 2 and 3."""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

from inputs import values


class Lesson:
    def __init__(self):
        self.X = values(1, (100, 1), 5) + 5
        self.y = 2 * self.X + 3 + values(2, (100, 1))
        self.model = nn.Linear(1, 1)
        with torch.no_grad():
            self.model.weight.fill_(0.5)
            self.model.bias.fill_(0.1)
        self.criterion = nn.MSELoss()
        self.optimizer = optim.SGD(self.model.parameters(), lr=0.001)

    def train(self, inputs, targets):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(inputs), targets)
        loss.backward()
        self.optimizer.step()

    def check(self):
        self.run(2000)
        with torch.no_grad():
            return [self.criterion(self.model(self.X), self.y).item()]


class Program2(Lesson):
    def run(self, steps):
        for k in range(steps):
            i = k % 100
            self.train(self.X[i], self.y[i])


class Program3(Lesson):
    def __init__(self):
        super().__init__()
        self.loader = DataLoader(TensorDataset(self.X, self.y), batch_size=10, shuffle=True)

    def run(self, steps):
        done = 0
        while done < steps:
            for inputs, targets in self.loader:
                self.train(inputs, targets)
                done += 1
                if done == steps:
                    break
