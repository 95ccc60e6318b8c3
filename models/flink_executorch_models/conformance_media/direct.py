"""A multimodal program called method by method, to see the logits that the official runner keeps to itself."""

from pathlib import Path

import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings
from tokenizers import Tokenizer

from flink_executorch_models.conformance_media.inputs import Media

BYTE, BFLOAT16 = 0, 15  # of `ScalarType`


class DirectProgram:
    """Greedy generation over `*_encoder`, `token_embedding` and `text_decoder`, and how clear each choice was."""

    def __init__(self, model: Path, tokenizer: Path):
        self._program = _load_for_executorch(str(model))
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        embeddings, position = (self._program.method_meta("text_decoder").input_tensor_meta(n) for n in (0, 1))
        self._longest_step = embeddings.sizes()[1]
        self._position_of_each = list(position.sizes()) != [1]

    def greedy(self, turns: list[list], max_new_tokens: int, at_once: bool = False) -> tuple[list[list[int]], float]:
        """Returns the tokens of each turn and by how much the best logit led the second best where it led least.

        The inputs go in one by one, or all at once: the same sums in another order, as far as a step reaches.
        """
        position, tokens, margin = 0, [], float("inf")
        for turn in turns:
            blocks = [self._embeddings(item) for item in turn]
            for block in torch.cat(blocks, dim=1).split(self._longest_step, dim=1) if at_once else blocks:
                logits = self._decode(block, position)
                position += block.shape[1]
            chosen = []
            while True:
                best, second = logits.topk(2).values.tolist()
                margin = min(margin, best - second)
                chosen.append(int(logits.argmax()))
                if len(chosen) == max_new_tokens:
                    break
                logits = self._decode(self._embeddings(chosen[-1:]), position)
                position += 1
            tokens.append(chosen)
        return tokens, margin

    def _embeddings(self, item: str | list[int] | Media) -> torch.Tensor:
        if isinstance(item, Media):
            return self._encode(item)
        ids = self._tokenizer.encode(item, add_special_tokens=False).ids if isinstance(item, str) else item
        return self._program.run_method("token_embedding", (torch.tensor([ids]),))[0]

    def _encode(self, media: Media) -> torch.Tensor:
        encoder = "vision_encoder" if media.kind == "image" else "audio_encoder"
        wanted = self._program.method_meta(encoder).input_tensor_meta(0)
        data = media.data.to(torch.bfloat16) if wanted.dtype() == BFLOAT16 else media.data
        batch = [1] * (len(wanted.sizes()) - data.dim())
        return self._program.run_method(encoder, (data.reshape([*batch, *data.shape]),))[0]

    def _decode(self, block: torch.Tensor, position: int) -> torch.Tensor:
        count = block.shape[1] if self._position_of_each else 1
        positions = torch.arange(position, position + count)
        logits = self._program.run_method("text_decoder", (block, positions))[0]
        return logits.reshape(-1, logits.shape[-1])[-1].float()
