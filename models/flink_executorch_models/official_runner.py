"""Greedy generation by ExecuTorch's own C++ text runner, with token ids."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.llm.runner import GenerationConfig, TextLLMRunner
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings
from tokenizers import Tokenizer


class OfficialRunner:
    """Runs prompts one by one on a `.pte`, each from an empty context.

    The runner reports pieces of text, not ids. A piece is traced to its id through the vocabulary; a piece that two ids
    share, or that no id has, is an error. Every emitted token counts, the end-of-sequence token too.
    """

    def __init__(self, model: Path, tokenizer: Path, runner=TextLLMRunner):
        self._runner = runner(str(model), str(tokenizer))
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self._ids = {}
        for token, token_id in self.tokenizer.get_vocab().items():
            self._ids.setdefault(_piece(self.tokenizer, token), []).append(token_id)

    def generate(self, prompt, max_new_tokens: int, reset: bool = True) -> list[int]:
        """Returns the ids of the new tokens, greedily chosen. Without a reset, continues after what was generated."""
        pieces = []
        config = GenerationConfig(echo=False, temperature=0.0, max_new_tokens=max_new_tokens)
        if reset:
            self._runner.reset()
        with _quiet():
            self._runner.generate(prompt, config, pieces.append)
        return [self._id(piece) for piece in pieces]

    def golden(self, name: str, prompt: str, max_new_tokens: int) -> dict:
        """Returns one line of a golden file."""
        tokens = self.generate(prompt, max_new_tokens)
        return {
            "id": name,
            "prompt": prompt,
            "promptTokens": self.tokenizer.encode(prompt, add_special_tokens=False).ids,
            "tokens": tokens,
            "text": self.tokenizer.decode(tokens, skip_special_tokens=True),
        }

    def _id(self, piece: str) -> int:
        ids = self._ids.get(piece, [])
        if len(ids) != 1:
            raise ValueError(f"piece {piece!r} belongs to {len(ids)} ids ({ids[:5]}), so the token is not known")
        return ids[0]


def _piece(tokenizer: Tokenizer, token: str) -> str:
    return tokenizer.decoder.decode([token]) if tokenizer.decoder else token


def write_lines(path: Path, entries: list[dict]) -> None:
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), encoding="utf-8")


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def _quiet() -> Iterator[None]:
    """Holds back what the runner prints (every piece, and statistics), and shows it only if the block fails."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as printed:
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
        try:
            yield
        except BaseException:
            printed.seek(0)
            os.write(kept[1], printed.read())
            raise
        finally:
            for stream, original in zip((1, 2), kept, strict=True):
                os.dup2(original, stream)
                os.close(original)
