"""python3 torch_loader.py WORK WORKERS SECONDS: PyTorch's DataLoader at the works of served.ts.

Prints the sum of a pass, and the samples per second of those that follow.
"""
import sys
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

work, workers, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
rows, side, cut, batch_size = 10_000, 32, 28, 64
torch.set_num_threads(1)
at = np.arange(rows * side * side, dtype=np.uint64)
images = (((at * 2_654_435_761) % 2**32) >> 24).astype(np.uint8).reshape(rows, side, side)


class Transformed(Dataset):
    def __len__(self):
        return rows

    def __getitem__(self, i):
        top, left = i % 5, 3 * i % 5
        image = images[i, top : top + cut, left : left + cut]
        if i % 2 == 1:
            image = image[:, ::-1]
        return torch.from_numpy((image.astype(np.float32) / 255 - 0.5) / 0.25).reshape(-1)


rows_of = TensorDataset(torch.from_numpy(images.astype(np.float32)).reshape(rows, side * side))
dataset = rows_of if work == "gather" else Transformed()
loader = DataLoader(
    dataset, batch_size=batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0
)


def first(batch):
    return batch[0] if work == "gather" else batch


print(sum(first(batch).double().sum().item() for batch in loader))
count, start = 0, time.perf_counter()
while time.perf_counter() - start < seconds:
    for batch in loader:
        count += len(first(batch))
print(count / (time.perf_counter() - start))
