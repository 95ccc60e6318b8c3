"""Greedy generation by ExecuTorch's own C++ text runner, with token ids."""

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.llm.runner import GenerationConfig, TextLLMRunner
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings
from tokenizers import Tokenizer

# A line of ExecuTorch's log, without its place in the source; the memory in use is no reason.
LOGGED = re.compile(r"^(?:[A-Z] \d+ )?\[?[\w:./]+:\d+\] (?!RSS )(.*)$", re.MULTILINE)


class OfficialRunner:
    """Runs prompts one by one on a `.pte`, each from an empty context.

    The runner reports pieces of text, not ids. A piece is traced to its id through the vocabulary; a piece that two ids
    share, or that no id has, is an error. Every emitted token counts, the end-of-sequence token too.
    """

    def __init__(self, model: Path, tokenizer: Path, data: Path | None = None, runner=TextLLMRunner):
        self._runner = runner(str(model), str(tokenizer), str(data) if data else None)
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self._ids = {}
        for token, token_id in self.tokenizer.get_vocab().items():
            self._ids.setdefault(_piece(self.tokenizer, token), []).append(token_id)

    def generate(self, prompt: str, max_new_tokens: int) -> list[int]:
        """Returns the ids of the new tokens, greedily chosen."""
        return self.converse([(prompt, max_new_tokens)])[0]

    def converse(self, turns: list[tuple[str, int]]) -> list[list[int]]:
        """Runs prompts after each other in one context and returns the new tokens of each. A prompt with 0 new tokens
        is only prefilled; an empty prompt goes on from there."""
        self._runner.reset()
        return [self._turn(prompt, max_new_tokens) for prompt, max_new_tokens in turns]

    def golden(self, name: str, prompt: str, max_new_tokens: int) -> dict:
        """Returns one line of a golden file."""
        return {"id": name} | self.line(prompt, self.generate(prompt, max_new_tokens))

    def line(self, prompt: str, tokens: list[int]) -> dict:
        """Returns what a line of a golden file says of a prompt and its tokens."""
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        return {"prompt": prompt, "promptTokens": self.ids(prompt), "tokens": tokens, "text": text}

    def ids(self, prompt: str) -> list[int]:
        return self.tokenizer.encode(prompt, add_special_tokens=False).ids

    def _turn(self, prompt: str, max_new_tokens: int) -> list[int]:
        pieces = []
        config = GenerationConfig(echo=False, temperature=0.0, max_new_tokens=max_new_tokens)
        with _quiet():
            if max_new_tokens == 0:
                self._runner.prefill(prompt, config)
            else:
                self._runner.generate(prompt, config, pieces.append)
        return [self._id(piece) for piece in pieces]

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
    """Holds back what the runner prints (every piece, and statistics), and adds its errors to a failure's message."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as printed:
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
        try:
            yield
        except RuntimeError as failure:
            printed.seek(0)
            reasons = LOGGED.findall(printed.read().decode(errors="replace"))
            raise RuntimeError("; ".join([str(failure), *dict.fromkeys(reasons)])) from failure
        finally:
            for stream, original in zip((1, 2), kept, strict=True):
                os.dup2(original, stream)
                os.close(original)
