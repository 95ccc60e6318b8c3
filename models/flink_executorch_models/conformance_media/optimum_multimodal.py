"""Random Gemma 3, SmolVLM and Voxtral models and how optimum-executorch exports them."""

from pathlib import Path

import torch
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    LlamaConfig,
    SiglipVisionConfig,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    VoxtralConfig,
    VoxtralEncoderConfig,
    VoxtralForConditionalGeneration,
)

from flink_executorch_models.conformance_media import inputs, optimum
from flink_executorch_models.conformance_media.goldens import write_goldens
from flink_executorch_models.conformance_media.random_weights import CONTEXT, VOCABULARY, randomize
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

IMAGE_SIZE, PATCH = 32, 8
HIDDEN, FEED_FORWARD, LAYERS, HEADS = 64, 128, 2, 4
SLIDING_WINDOW = 48  # shorter than a prompt and its answer
BINS, FRAMES = 16, 40
PLACEHOLDER_ID = VOCABULARY - 1
TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": FEED_FORWARD,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS // 2,
    "head_dim": HIDDEN // HEADS,
    "max_position_embeddings": CONTEXT,
    "bos_token_id": BOS_ID,
    "eos_token_id": EOS_ID,
    "pad_token_id": EOS_ID,
    "tie_word_embeddings": False,  # tied random weights repeat the token they are given
}
VISION = {
    "hidden_size": HIDDEN,
    "intermediate_size": FEED_FORWARD,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "image_size": IMAGE_SIZE,
    "patch_size": PATCH,
}


def write_gemma3(folder: Path) -> None:
    config = Gemma3Config(
        text_config=Gemma3TextConfig(
            **TEXT,
            query_pre_attn_scalar=HIDDEN // HEADS,
            sliding_window=SLIDING_WINDOW,
            layer_types=["sliding_attention", "full_attention"],
        ),
        vision_config=SiglipVisionConfig(**VISION, vision_use_head=False),
        tie_word_embeddings=False,
        mm_tokens_per_image=4,
        image_token_index=PLACEHOLDER_ID,
    )
    model = randomize(Gemma3ForConditionalGeneration(config), seed=6)
    optimum.export_multimodal(
        model, torch.rand(1, 3, IMAGE_SIZE, IMAGE_SIZE), folder, use_custom_sdpa=True, use_custom_kv_cache=True
    )
    write_goldens(folder, inputs.images(torch.float32, [(3, IMAGE_SIZE, IMAGE_SIZE)] * 3))


def write_smolvlm(folder: Path) -> None:
    _write_idefics(SmolVLMConfig, SmolVLMForConditionalGeneration, folder)


def write_idefics3(folder: Path) -> None:
    _write_idefics(Idefics3Config, Idefics3ForConditionalGeneration, folder)


def _write_idefics(config_class: type, model_class: type, folder: Path) -> None:
    config = config_class(
        text_config=LlamaConfig(**TEXT),
        vision_config=VISION,
        scale_factor=2,
        image_token_id=PLACEHOLDER_ID,
        pad_token_id=EOS_ID,
        tie_word_embeddings=False,
    )
    model = randomize(model_class(config), seed=7)
    optimum.export_multimodal(model, torch.rand(1, 1, 3, IMAGE_SIZE, IMAGE_SIZE), folder)
    write_goldens(folder, inputs.images(torch.float32, [(3, IMAGE_SIZE, IMAGE_SIZE)] * 3))


def write_voxtral(folder: Path) -> None:
    config = VoxtralConfig(
        text_config=LlamaConfig(**TEXT),
        audio_config=VoxtralEncoderConfig(
            vocab_size=VOCABULARY,
            hidden_size=HIDDEN,
            intermediate_size=4 * HIDDEN,  # four positions make one row of the encoder's output
            num_hidden_layers=1,
            num_attention_heads=HEADS,
            num_mel_bins=BINS,
            max_source_positions=FRAMES // 2,
        ),
        audio_token_id=PLACEHOLDER_ID,
    )
    model = randomize(VoxtralForConditionalGeneration(config), seed=8)
    optimum.export_multimodal(
        model,
        torch.rand(2, BINS, FRAMES),
        folder,
        use_custom_sdpa=True,
        use_custom_kv_cache=True,
        qlinear="8da4w",
        qlinear_group_size=32,
    )
    write_goldens(folder, inputs.features([(1, BINS, FRAMES), (2, BINS, FRAMES), (3, BINS, FRAMES)]))
