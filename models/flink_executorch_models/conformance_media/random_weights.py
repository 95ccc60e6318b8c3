"""Random weights that make a lively model: with torch's own small ones the same token wins nearly always."""

import torch

VOCABULARY = 320  # of the tokenizer that all of these programs share
CONTEXT = 128


def randomize(module: torch.nn.Module, seed: int, scale: float = 0.15) -> torch.nn.Module:
    """Draws every matrix from a normal distribution of this deviation and leaves norms and biases as they are."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
    return module.eval()
