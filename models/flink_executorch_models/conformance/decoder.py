"""A text program called directly, as its contract says: no runner between, so an oracle where the runner has a bug."""

from functools import partial
from pathlib import Path

import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch


class Decoder:
    """Feeds one sequence; a program without a KV cache is fed the whole sequence every time.

    :param chunk: most tokens of one execution; what the program takes at most if not given
    :param state: whether a new sequence needs the program opened anew
    """

    def __init__(self, folder: Path, chunk: int | None = None, state: bool = False):
        data = next(folder.glob("*.ptd"), None)
        self._open = partial(_load_for_executorch, str(folder / "model.pte"), str(data) if data else None)
        self._state = state
        self._program = self._open()
        methods = self._program.method_names()
        # Two loaded methods have a cache each here, so of such a program only the one that takes any token is called.
        self._method = next(name for name in ("forward", "decode", "prefill") if name in methods)
        meta = self._program.method_meta(self._method)
        tokens = meta.input_tensor_meta(0).sizes()[1]
        self.has_cache = meta.num_inputs() == 2
        self._vector = self.has_cache and meta.input_tensor_meta(1).sizes()[0] > 1
        self.max_seq_len = self._constant("get_max_seq_len")
        self.context = self._constant("get_max_context_len", self.max_seq_len)
        self.max_tokens = min(tokens, self.max_seq_len, self._constant("sliding_window", tokens + 1) - 1)
        self.chunk = min(chunk, self.max_tokens) if chunk else self.max_tokens
        self.eos_ids = frozenset(self._constants("get_eos_ids") + self._constants("get_eos_id"))
        if not self.has_cache:
            self.context = min(self.context, tokens)
        self.reset()

    def reset(self) -> None:
        """Starts a new sequence."""
        self._sequence: list[int] = []
        if self._state:
            self._program = self._open()

    @property
    def position(self) -> int:
        return len(self._sequence)

    def feed(self, tokens: list[int]) -> torch.Tensor:
        """Feeds tokens in chunks; returns the last one's logits, float32 [V]."""
        step = self.chunk if self.has_cache else len(tokens)
        for start in range(0, len(tokens), step):
            logits = self._execute(tokens[start : start + step])
        return logits

    def _execute(self, tokens: list[int]) -> torch.Tensor:
        first = self.position
        self._sequence += tokens
        if self.has_cache:
            positions = torch.arange(first, self.position) if self._vector else torch.tensor([first])
            inputs = (torch.tensor([tokens]), positions)
        else:
            inputs = (torch.tensor([self._sequence]),)
        logits = self._program.run_method(self._method, inputs)[0]
        return logits.reshape(-1, logits.shape[-1])[-1].float().clone()

    def _constant(self, name: str, absent: int | None = None) -> int:
        values = self._constants(name)
        return int(values[0]) if values or absent is None else absent

    def _constants(self, name: str) -> list:
        return list(self._program.run_method(name, ())) if name in self._program.method_names() else []
