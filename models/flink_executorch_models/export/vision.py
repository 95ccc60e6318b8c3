"""The families of models for text and images, and the part of each that makes embeddings of images."""

import torch
from transformers import PretrainedConfig, PreTrainedModel

from flink_executorch_models.export.families import NotExportable

# Checked against `generate` of the library, each with a golden. The text model of each is one of `families.FAMILIES`.
VISION_FAMILIES = {
    "gemma3": "Gemma 3",
    "idefics3": "Idefics 3",
    "llava": "LLaVA 1.5",
    "smolvlm": "SmolVLM",
}
# Their text models take three positions of each token, and images move them by another number than they have embeddings.
_THREE_POSITIONS = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")


def takes_images(config: PretrainedConfig) -> bool:
    return getattr(config, "vision_config", None) is not None


def check_vision_family(config: PretrainedConfig) -> None:
    if config.model_type in _THREE_POSITIONS:
        raise NotExportable(
            f"No batched program for model type '{config.model_type}': its rotary embedding wants time, height and width of "
            "each token, a batched program has one position of each, which is also its place among the keys and values."
        )
    if config.model_type not in VISION_FAMILIES:
        raise NotExportable(
            f"No batched program for model type '{config.model_type}' with images. Known types: "
            f"{', '.join(sorted(VISION_FAMILIES))}. Export it as a standard program instead, with optimum-executorch."
        )


class LlavaEncoder(torch.nn.Module):
    """pixels f32 [N, 3, H, W] -> f32 [N, P, hidden], in the text model's width, each image by itself; so are the others."""

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        self.tower, self.projector = model.base_model.vision_tower, model.base_model.multi_modal_projector
        layers = model.config.vision_feature_layer
        self.layers = [layers] if isinstance(layers, int) else list(layers)
        self.first = 1 if model.config.vision_feature_select_strategy == "default" else 0

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        states = self.tower(pixels, output_hidden_states=True).hidden_states
        return self.projector(torch.cat([states[layer][:, self.first :] for layer in self.layers], dim=-1))


class PooledEncoder(torch.nn.Module):
    """Gemma 3's."""

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        self.tower, self.projector = model.base_model.vision_tower, model.base_model.multi_modal_projector

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.projector(self.tower(pixel_values=pixels).last_hidden_state)


class TiledEncoder(torch.nn.Module):
    """That of Idefics 3 and SmolVLM, whose own code looks for images of zeros and for the part of each that is no padding.

    Here every image, or tile of one, is a whole one.
    """

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        vision = model.base_model.vision_model
        self.patches, self.encoder, self.norm = vision.embeddings.patch_embedding, vision.encoder, vision.post_layernorm
        self.connector = model.base_model.connector
        side = model.config.vision_config.image_size
        self.register_buffer("places", _position_embeddings(vision.embeddings, side), persistent=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        patches = self.patches(pixels).flatten(2).transpose(1, 2) + self.places
        hidden = self.encoder(inputs_embeds=patches, attention_mask=None).last_hidden_state
        return self.connector(self.norm(hidden))


_ENCODERS = {"gemma3": PooledEncoder, "idefics3": TiledEncoder, "llava": LlavaEncoder, "smolvlm": TiledEncoder}


def vision_encoder(model: PreTrainedModel) -> torch.nn.Module:
    return _ENCODERS[model.config.model_type](model).eval()


def _position_embeddings(embeddings: torch.nn.Module, side: int) -> torch.Tensor:
    """Those of a whole image, [1, patches, hidden], as the model's own code looks them up."""
    seen = []
    handle = embeddings.position_embedding.register_forward_hook(lambda _, __, output: seen.append(output))
    weight = embeddings.patch_embedding.weight
    patches = side // embeddings.patch_size
    try:
        with torch.no_grad():
            pixels = torch.zeros(1, weight.shape[1], side, side, dtype=weight.dtype)
            embeddings(pixels, torch.ones(1, patches, patches, dtype=torch.bool))
    finally:
        handle.remove()
    return seen[0].float().contiguous()
