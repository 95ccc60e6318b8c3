"""Tiny models of every family that can be a batched program, with what eager PyTorch says they answer."""
