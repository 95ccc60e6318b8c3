"""Measures a captioner on scenes that show what no training scene shows."""

import json

import numpy as np
import torch
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


def evaluate(model: LlavaForConditionalGeneration, tokenizer: Tokenizer, count: int) -> dict:
    """Shares of the scenes of which everything said is right, and of the things that are named."""
    scenes = [scene(HELD_OUT_SEED, number, held_out=True) for number in range(count)]
    scores = []
    for start in range(0, count, _BATCH):
        part = scenes[start : start + _BATCH]
        pixels = np.stack([np.asarray(drawn(made, SIDE, SIDE)) for made in part])
        texts = captions(model, tokenizer, pixels)
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
def captions(model: LlavaForConditionalGeneration, tokenizer: Tokenizer, pixels: np.ndarray) -> list[str]:
    """Greedy captions of pictures, bytes [N, side, side, 3]."""
    rows = model.model.multi_modal_projector(seen(model, normalized(pixels)))
    cache, ids = None, []
    for _ in range(_LONGEST):
        out = model.model.language_model(inputs_embeds=rows, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        ids.append(model.lm_head(out.last_hidden_state[:, -1]).argmax(-1))
        rows = model.get_input_embeddings()(ids[-1][:, None])
    endless = torch.stack(ids, 1).tolist()
    return [tokenizer.decode(row[: row.index(EOS_ID)] if EOS_ID in row else row) for row in endless]
