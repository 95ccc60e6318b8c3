"""Measures a captioner on scenes that show what no training scene shows."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the kernels of the LLM operators
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from tokenizers import Tokenizer
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.scenes.compose import scene
from flink_executorch_models.scenes.draw import drawn
from flink_executorch_models.scenes.model import SIDE, seen
from flink_executorch_models.scenes.reader import read, score
from flink_executorch_models.scenes.tokenizer import EOS_ID
from flink_executorch_models.scenes.train import normalized

HELD_OUT_SEED = 2026
_LONGEST = 64  # tokens of a caption
_BATCH = 100


def evaluate(captions: Callable[[np.ndarray], list[str]], count: int) -> dict:
    """Shares of the scenes of which everything said is right, and of the things that are named.

    :param captions: of pictures, bytes [N, side, side, 3]
    """
    scenes = [scene(HELD_OUT_SEED, number, held_out=True) for number in range(count)]
    scores = []
    for start in range(0, count, _BATCH):
        part = scenes[start : start + _BATCH]
        texts = captions(np.stack([np.asarray(drawn(made, SIDE, SIDE)) for made in part]))
        scores += [score(read(text), made.truth()) for text, made in zip(texts, part, strict=True)]
    things = sum(each.things for each in scores)
    shares = {
        name: sum(getattr(each, name) for each in scores) / count
        for name in ("perfect", "named", "colours", "counts", "sizes", "relations", "setting")
    }
    figures = {"scenes": count, **shares}
    figures["things_named"] = sum(each.things_named for each in scores) / things
    figures["attributes_right"] = sum(each.right for each in scores) / sum(each.stated for each in scores)
    return json.loads(json.dumps(figures), parse_float=lambda number: round(float(number), 4))


@torch.inference_mode()
def eager_captions(model: LlavaForConditionalGeneration, words: Tokenizer, pixels: np.ndarray) -> list[str]:
    """Greedily, by PyTorch."""
    rows = model.model.multi_modal_projector(seen(model, normalized(pixels)))
    cache, ids = None, []
    for _ in range(_LONGEST):
        out = model.model.language_model(inputs_embeds=rows, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        ids.append(model.lm_head(out.last_hidden_state[:, -1]).argmax(-1))
        rows = model.get_input_embeddings()(ids[-1][:, None])
    endless = torch.stack(ids, 1).tolist()
    return [words.decode(row[: row.index(EOS_ID)] if EOS_ID in row else row) for row in endless]


class StandardProgram:
    """The exported program on the official runtime, greedily, one picture after the other."""

    def __init__(self, program: Path, words: Tokenizer):
        self._program, self._words = _load_for_executorch(str(program)), words

    def captions(self, pixels: np.ndarray) -> list[str]:
        return [self._caption(picture[None]) for picture in normalized(pixels)]

    def _caption(self, picture: torch.Tensor) -> str:
        rows, position, ids = self._run("vision_encoder", picture.contiguous()), 0, []
        while len(ids) < _LONGEST:
            best = int(self._run("text_decoder", rows, torch.tensor([position])).argmax())
            if best == EOS_ID:
                break
            ids.append(best)
            position += rows.shape[1]
            rows = self._run("token_embedding", torch.tensor([[best]]))
        return self._words.decode(ids)

    def _run(self, method: str, *inputs: torch.Tensor) -> torch.Tensor:
        return self._program.run_method(method, inputs)[0]
