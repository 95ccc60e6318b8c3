"""Test inputs that another language can make again bit for bit, so that only expected outputs are stored."""

import numpy as np
import torch


def seeded(sizes: list[int], seed: int) -> torch.Tensor:
    """Returns a float32 tensor of multiples of 2**-10 in [-1, 1); element `i` depends on `seed` and `i` only.

    All steps are 32-bit unsigned with wrap-around, so Java's `int` with `>>>` gives the same bits:
    `x = i * 0x9E3779B1 + seed * 0x85EBCA77; x ^= x >>> 15; x *= 0x2C1B3C6D; x ^= x >>> 12`,
    and the value is `((x >>> 21) - 1024) / 1024f`.
    """
    x = np.arange(int(np.prod(sizes)), dtype=np.uint32) * np.uint32(0x9E3779B1)
    x += np.uint32(seed * 0x85EBCA77 & 0xFFFFFFFF)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x2C1B3C6D)
    x ^= x >> np.uint32(12)
    values = ((x >> np.uint32(21)).astype(np.int32) - 1024).astype(np.float32) / np.float32(1024)
    return torch.from_numpy(values).reshape(sizes)
