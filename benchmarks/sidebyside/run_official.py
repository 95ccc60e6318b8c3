"""ExecuTorch's own text runner, one prompt after another: run_official.py PROGRAM TOKENIZER.

Runs in the peers' environment.
"""

import importlib.metadata
import sys

from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.llm.runner import GenerationConfig, TextLLMRunner
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings

from answers import serve

runner = TextLLMRunner(sys.argv[1], sys.argv[2], None)


def generate(prompts: list[dict]) -> tuple[int, int]:
    pieces, counts = [], []
    for prompt in prompts:
        runner.reset()
        config = GenerationConfig(echo=False, temperature=0.0, max_new_tokens=prompt["newTokens"])
        runner.generate(prompt["prompt"], config, pieces.append, lambda stats: counts.append(stats.num_prompt_tokens))
    return sum(counts), len(pieces)


serve(generate, version="executorch " + importlib.metadata.version("executorch"))
