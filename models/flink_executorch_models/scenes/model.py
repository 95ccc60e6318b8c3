"""The captioner: a LLaVA of transformers, small. An image takes a position for each patch; a caption follows it."""

import torch
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from flink_executorch_models.scenes.tokenizer import EOS_ID, IMAGE_ID

SIDE, PATCH = 96, 12
PATCHES = (SIDE // PATCH) ** 2
CONTEXT = 256


def config(vocabulary: int) -> LlavaConfig:
    return LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=192,
            intermediate_size=576,
            num_hidden_layers=7,  # the last but one is what the projector gets
            num_attention_heads=6,
            image_size=SIDE,
            patch_size=PATCH,
            hidden_act="gelu",
            projection_dim=64,
        ),
        text_config=LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=192,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=6,
            num_key_value_heads=2,
            max_position_embeddings=CONTEXT,
            bos_token_id=EOS_ID,
            eos_token_id=EOS_ID,
        ),
        image_token_index=IMAGE_ID,
        image_seq_length=PATCHES,
        vision_feature_layer=-2,
        tie_word_embeddings=False,
    )


def seen(model: LlavaForConditionalGeneration, pixels: torch.Tensor) -> torch.Tensor:
    """What the encoder makes of the patches, [N, patches, hidden]; without the layer that is never used."""
    vision = model.model.vision_tower.vision_model
    hidden = vision.pre_layrnorm(vision.embeddings(pixels))
    for layer in vision.encoder.layers[:-1]:
        hidden = layer(hidden, None, None)[0]
    return hidden[:, 1:]


def caption_logits(model: LlavaForConditionalGeneration, patches: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Logits of the first token and of each that follows ids, [N, 1 + T, vocabulary]."""
    rows = [model.model.multi_modal_projector(patches), model.get_input_embeddings()(ids)]
    states = model.model.language_model(inputs_embeds=torch.cat(rows, 1), use_cache=False).last_hidden_state
    return model.lm_head(states[:, patches.shape[1] - 1 :])
