"""A CLIP encoder with a Llama decoder of one's own, fused at the decoder's input, with `torch.export` alone.

The blocks are those of the official example `examples/models/llama`. The variants differ in what a runner has to read
from the program instead of assuming it.
"""

from dataclasses import dataclass

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from executorch.examples.models.llama.source_transformation.custom_kv_cache import replace_kv_cache_with_custom_kv_cache
from executorch.examples.models.llama.source_transformation.sdpa import replace_sdpa_with_custom_op
from executorch.exir import ExecutorchBackendConfig
from executorch.exir.passes import MemoryPlanningPass
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModel

from flink_executorch_models.conformance_media.random_weights import CONTEXT, VOCABULARY, randomize
from flink_executorch_models.programs import exported, lowered

IMAGE_SIZE, PATCH = 28, 7
HIDDEN, FEED_FORWARD, LAYERS, HEADS = 64, 128, 2, 4
BINS, FRAMES, WINDOWS = 8, 20, 3


@dataclass(frozen=True)
class Shape:
    """What tells one variant from another."""

    vocabulary: int = VOCABULARY
    longest_step: int = CONTEXT - 1  # upper bound of T
    position_of_each: bool = False  # i64 [T] instead of the first position, i64 [1]
    all_logits: bool = False  # [1, T, vocabulary] instead of the last row
    custom_attention: bool = True
    batched_images: bool = True  # [1, 3, H, W] instead of [3, H, W]
    dtype: torch.dtype = torch.float32
    inputs_planned: bool = True  # the program's own memory holds its inputs


class VisionEncoder(nn.Module):
    """[1, 3, H, W] or [3, H, W] -> [1, patches, hidden]."""

    def __init__(self, shape: Shape):
        super().__init__()
        config = CLIPVisionConfig(
            hidden_size=HIDDEN,
            intermediate_size=FEED_FORWARD,
            num_hidden_layers=1,
            num_attention_heads=HEADS,
            image_size=IMAGE_SIZE,
            patch_size=PATCH,
            attn_implementation="eager",
        )
        self.clip, self.projector = CLIPVisionModel(config), nn.Linear(HIDDEN, HIDDEN)
        self.batched = shape.batched_images

    def forward(self, pixels):
        patches = self.clip(pixels if self.batched else pixels.unsqueeze(0)).last_hidden_state[:, 1:]
        return self.projector(patches)


class AudioEncoder(nn.Module):
    """[windows, bins, frames] -> [1, windows * frames / 2, hidden]."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(BINS, HIDDEN, kernel_size=3, stride=2, padding=1)
        self.projector = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, features):
        return self.projector(torch.tanh(self.convolution(features)).transpose(1, 2).reshape(1, -1, HIDDEN))


class TextDecoder(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        arguments = ModelArgs(
            dim=HIDDEN,
            hidden_dim=FEED_FORWARD,
            n_layers=LAYERS,
            n_heads=HEADS,
            n_kv_heads=HEADS // 2,
            vocab_size=shape.vocabulary,
            max_seq_len=CONTEXT,
            max_context_len=CONTEXT,
            use_kv_cache=True,
            enable_dynamic_shape=True,
            use_sdpa_with_kv_cache_op=shape.custom_attention,
            apply_embedding=False,
            generate_full_logits=shape.all_logits,
        )
        self.transformer = construct_transformer(arguments)
        if shape.custom_attention:
            self.transformer = replace_sdpa_with_custom_op(replace_kv_cache_with_custom_kv_cache(self.transformer))

    def forward(self, embeddings, positions):
        return self.transformer(None, {"input_pos": positions[:1]}, embeddings)


def export(shape: Shape, constants: dict, encoder: str = "vision_encoder") -> bytes:
    """Returns a program of the encoder, `token_embedding` and `text_decoder`."""
    methods = {encoder: _exported_encoder(encoder, shape)} | exported_decoder(shape)
    partitioner = [XnnpackPartitioner()] if shape.dtype == torch.float32 else []
    config = ExecutorchBackendConfig(memory_planning_pass=MemoryPlanningPass(alloc_graph_input=shape.inputs_planned))
    return lowered(methods, partitioner, constants, config).buffer


def exported_decoder(shape: Shape) -> dict[str, torch.export.ExportedProgram]:
    length = torch.export.Dim("length", min=1, max=shape.longest_step)
    embedding = randomize(nn.Embedding(shape.vocabulary, HIDDEN), seed=2, scale=1.0).to(shape.dtype)
    decoder = randomize(TextDecoder(shape), seed=3).to(shape.dtype)
    positions = torch.arange(3) if shape.position_of_each else torch.tensor([0])
    shapes = ({1: length}, {0: length} if shape.position_of_each else None)
    return {
        "token_embedding": exported(embedding, (torch.ones(1, 3, dtype=torch.int64),), ({1: length},)),
        "text_decoder": exported(decoder, (torch.zeros(1, 3, HIDDEN, dtype=shape.dtype), positions), shapes),
    }


def _exported_encoder(name: str, shape: Shape) -> torch.export.ExportedProgram:
    if name == "audio_encoder":
        encoder = randomize(AudioEncoder(), seed=4).to(shape.dtype)
        windows = torch.export.Dim("windows", min=1, max=WINDOWS)
        return exported(encoder, (torch.zeros(2, BINS, FRAMES, dtype=shape.dtype),), ({0: windows},))
    encoder = randomize(VisionEncoder(shape), seed=1).to(shape.dtype)
    pixels = torch.zeros(3, IMAGE_SIZE, IMAGE_SIZE, dtype=shape.dtype)
    return exported(encoder, (pixels.unsqueeze(0) if shape.batched_images else pixels,))
