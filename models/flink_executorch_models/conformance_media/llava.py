"""LLaVA by the official example's own exporter, `examples/models/llava`, at a tiny size.

That exporter downloads LLaVA 1.5 and knows its sizes by heart. Here a random model takes the download's place and other
sizes take theirs; what is exported and how is left to it: rescaling and normalization inside the encoder, which takes
any even height and width, 8da4w linear layers, 8-bit embeddings, the custom attention operator.
"""

from functools import partial
from types import SimpleNamespace
from unittest import mock

import torch
from executorch.examples.models.llava import export_llava, model as llava_model
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from flink_executorch_models.conformance_media.random_weights import CONTEXT, VOCABULARY, randomize

IMAGE_SIZE, PATCH = 32, 8
HIDDEN, LAYERS, HEADS, FEED_FORWARD = 128, 2, 4, 256  # 8da4w packs groups of 128
LONGEST_TEXT = 40  # the example's length, which the exporter makes the upper bound of token_embedding


def export() -> bytes:
    sizes = {"dim": HIDDEN, "n_heads": HEADS, "n_layers": LAYERS}
    with mock.patch.object(llava_model, "ModelArgs", partial(_arguments, llava_model.ModelArgs, sizes)):
        return export_llava.export_all(_TinyLlava()).buffer


def _arguments(official, sizes, **arguments):
    return official(**arguments | sizes)


class _TinyLlava(llava_model.LlavaModel):
    def __init__(self):
        self.use_sdpa_with_kv_cache_op = True
        self.max_seq_len = self.max_context_len = CONTEXT
        self.model = _random_llava()
        self.image_processor = SimpleNamespace(
            crop_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
            rescale_factor=1 / 255,
            image_mean=[0.48, 0.46, 0.41],
            image_std=[0.27, 0.26, 0.28],
        )
        self.resized_image = (torch.randint(0, 256, (3, IMAGE_SIZE, IMAGE_SIZE - 8), dtype=torch.uint8),)
        before, after = (torch.ones(1, length, dtype=torch.int64) for length in (LONGEST_TEXT, 7))
        self.input = (before, *self.resized_image, after)


def _random_llava() -> LlavaForConditionalGeneration:
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=64,
            intermediate_size=128,
            projection_dim=64,
            num_hidden_layers=3,
            num_attention_heads=4,
            image_size=IMAGE_SIZE,
            patch_size=PATCH,
        ),
        text_config=LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=HIDDEN,
            intermediate_size=FEED_FORWARD,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
        ),
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
        image_token_index=VOCABULARY - 1,
    )
    return randomize(_Llava(config), seed=1)


class _Llava(LlavaForConditionalGeneration):
    """With the shortcuts of transformers 4, which the example uses."""

    vision_tower = property(lambda self: self.model.vision_tower)
    multi_modal_projector = property(lambda self: self.model.multi_modal_projector)
    language_model = property(lambda self: self.model.language_model)
