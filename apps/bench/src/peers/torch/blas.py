"""Tells the reference BLAS, which is 10 to 20 times slower, from those made for speed."""
import pathlib

import torch

fast = ["openblas", "mkl", "blis", "accelerate", "nvpl", "armpl"]


def unfit():
    """Why PyTorch must not be measured here, or an empty string."""
    torch.ones(64, 64) @ torch.ones(64, 64)  # loads what multiplies
    maps = pathlib.Path("/proc/self/maps")
    loaded = maps.read_text().lower() if maps.exists() else ""
    if any(name in loaded for name in fast) or "libblas" not in loaded and built_with_a_fast_one():
        return ""
    return "multiplies with the reference BLAS here (Debian: apt-get install libopenblas0-pthread)"


def built_with_a_fast_one():
    return any(name in torch.__config__.show().lower() for name in fast)
