"""The tiny models for text and images: random weights, two layers of text, two of vision, one model per family."""

from dataclasses import dataclass

from transformers import (
    CLIPVisionConfig,
    Gemma3Config,
    Gemma3TextConfig,
    Idefics3Config,
    LlamaConfig,
    LlavaConfig,
    PretrainedConfig,
    SiglipVisionConfig,
    SmolVLMConfig,
)

from flink_executorch_models.batched_goldens.tiny_models import IDS, ONE_WINDOW, TINY
from flink_executorch_models.conformance.tokenizer import ascii_tokenizer

IMAGE_ID = ascii_tokenizer().token_to_id("^")  # in no text of the goldens
MAX_IMAGES = 4
# Wide enough that an image changes what is generated.
VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "initializer_range": 0.2,
}


@dataclass(frozen=True)
class TinyMediaModel:
    """A model to export.

    :param about: what of this family the program shows
    """

    name: str
    family: str
    about: str
    config: PretrainedConfig


def _idefics(config_class: type, side: int, patch: int, scale: int) -> PretrainedConfig:
    return config_class(
        text_config=LlamaConfig(**TINY),
        vision_config=VISION | {"image_size": side, "patch_size": patch},
        scale_factor=scale,
        image_token_id=IMAGE_ID,
        pad_token_id=IDS["eos_token_id"],
        tie_word_embeddings=False,
    )


MEDIA_MODELS = [
    TinyMediaModel(
        "llava",
        "LLaVA 1.5",
        "CLIP's last layer but one without its class token; 16 positions an image",
        LlavaConfig(
            vision_config=CLIPVisionConfig(**VISION, image_size=28, patch_size=7, projection_dim=32),
            text_config=LlamaConfig(**TINY),
            image_token_index=IMAGE_ID,
            image_seq_length=16,
            tie_word_embeddings=False,
        ),
    ),
    TinyMediaModel(
        "smolvlm", "SmolVLM", "4 patches make a position; 4 positions an image", _idefics(SmolVLMConfig, 32, 8, 2)
    ),
    TinyMediaModel(
        "idefics3", "Idefics 3", "16 patches make a position; 4 positions an image", _idefics(Idefics3Config, 56, 7, 4)
    ),
    TinyMediaModel(
        "gemma3-vision",
        "Gemma 3",
        "pooled patches, scaled embeddings of tokens alone, a window in one layer; 16 positions an image",
        Gemma3Config(
            text_config=Gemma3TextConfig(**TINY, head_dim=16, query_pre_attn_scalar=16, **ONE_WINDOW),
            vision_config=SiglipVisionConfig(**VISION, image_size=32, patch_size=4, vision_use_head=False),
            mm_tokens_per_image=16,
            image_token_index=IMAGE_ID,
            tie_word_embeddings=False,
        ),
    ),
]
