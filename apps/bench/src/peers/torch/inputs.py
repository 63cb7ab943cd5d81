"""The numbers that all contestants make for themselves (work/inputs.ts)."""
import numpy as np
import torch


def hashes(seed, count):
    h = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def values(seed, shape, scale=1.0):
    """Values spread evenly over [-scale, scale)."""
    count = int(np.prod(shape))
    spread = (hashes(seed, count) >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    return torch.from_numpy((scale * spread).astype(np.float32)).reshape(shape)


def labels(seed, count, classes):
    return torch.from_numpy((hashes(seed, count) % np.uint32(classes)).astype(np.int64))
