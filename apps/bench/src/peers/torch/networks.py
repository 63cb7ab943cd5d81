"""The MLP, the CNN and the transformer block."""
from torch import nn
from torch.nn import functional

from inputs import labels, values
from training import Training, adam, fill, sgd


def mlp(batch, optimizer):
    X, y = values(20, (batch, 784)), labels(21, batch, 10)
    model = nn.Sequential(
        fill(nn.Linear(784, 256), 10),
        nn.ReLU(),
        fill(nn.Linear(256, 128), 12),
        nn.ReLU(),
        fill(nn.Linear(128, 10), 14),
    )
    criterion = nn.CrossEntropyLoss()
    return Training(optimizer(model), lambda: criterion(model(X), y))


def cnn():
    X, y = values(40, (64, 1, 28, 28)), labels(41, 64, 10)
    model = nn.Sequential(
        fill(nn.Conv2d(1, 16, 3, padding=1), 30),
        nn.ReLU(),
        nn.MaxPool2d(2),
        fill(nn.Conv2d(16, 32, 3, padding=1), 32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        fill(nn.Linear(32 * 7 * 7, 10), 34),
    )
    criterion = nn.CrossEntropyLoss()
    return Training(sgd(model), lambda: criterion(model(X), y))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(128), nn.LayerNorm(128)
        self.qkv, self.project = fill(nn.Linear(128, 384), 50), fill(nn.Linear(128, 128), 52)
        self.up, self.down = fill(nn.Linear(128, 512), 54), fill(nn.Linear(512, 128), 56)

    def attend(self, x):
        q, k, v = (part.view(8, 64, 4, 32).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        if hasattr(functional, "scaled_dot_product_attention"):  # from PyTorch 2 on
            mixed = functional.scaled_dot_product_attention(q, k, v)
        else:
            mixed = (q @ k.transpose(-2, -1) / 32**0.5).softmax(-1) @ v
        return self.project(mixed.transpose(1, 2).reshape(8, 64, 128))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


def block():
    X, y = values(60, (8, 64, 128)), values(61, (8, 64, 128))
    model = Block()
    criterion = nn.MSELoss()
    return Training(adam(model), lambda: criterion(model(X), y))
