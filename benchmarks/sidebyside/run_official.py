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


def generate(prompts: list[dict]) -> dict:
    pieces, stats = [], []
    for prompt in prompts:
        runner.reset()
        config = GenerationConfig(echo=False, temperature=0.0, max_new_tokens=prompt["newTokens"])
        runner.generate(prompt["prompt"], config, pieces.append, stats.append)
    return {
        "promptTokens": sum(each.num_prompt_tokens for each in stats),
        "newTokens": len(pieces),
        "decodeSeconds": sum(each.inference_end_ms - each.prompt_eval_end_ms for each in stats) / 1e3,
    }


serve(generate, version="executorch " + importlib.metadata.version("executorch"))
