"""The captioner as a standard program: `vision_encoder`, `token_embedding` and `text_decoder`, its KV cache inside."""

from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.config.xnnpack_config import ConfigPrecisionType
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from executorch.examples.models.llama.source_transformation.custom_kv_cache import replace_kv_cache_with_custom_kv_cache
from executorch.examples.models.llama.source_transformation.sdpa import replace_sdpa_with_custom_op
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers the LLM operators
from transformers import LlamaConfig, LlavaForConditionalGeneration

from flink_executorch_models.export.quantize import quantize_linear
from flink_executorch_models.export.vision import vision_encoder
from flink_executorch_models.programs import exported, lowered
from flink_executorch_models.tickets.hugging_face import OFFICIAL_NAMES

_LINEAR = "8da8w"


def export(folder: Path, model: Path) -> None:
    """Reads a folder that `from_pretrained` takes; linear layers are quantized as those of the batched program."""
    captioner = LlavaForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    text, side = captioner.config.text_config, captioner.config.vision_config.image_size
    encoder, decoder = vision_encoder(captioner), _Decoder(captioner)
    for part in (encoder, decoder):
        quantize_linear(part, _LINEAR, packed=False)
    length = torch.export.Dim("length", min=1, max=text.max_position_embeddings - 1)
    ids, rows = torch.ones(1, 3, dtype=torch.int64), torch.zeros(1, 3, text.hidden_size)
    methods = {
        "vision_encoder": exported(encoder, (torch.zeros(1, 3, side, side),)),
        "token_embedding": exported(captioner.get_input_embeddings(), (ids,), ({1: length},)),
        "text_decoder": exported(decoder, (rows, torch.tensor([0])), ({1: length}, None)),
    }
    quantized_first = [
        XnnpackPartitioner(config_precisions=ConfigPrecisionType.DYNAMIC_QUANT, per_op_mode=True),
        XnnpackPartitioner(),
    ]
    model.write_bytes(lowered(methods, quantized_first, _constants(text)).buffer)


class _Decoder(torch.nn.Module):
    """embeddings f32 [1, T, hidden], first position i64 [1] -> logits of the last token, [1, vocabulary]; by the blocks of the
    official example `examples/models/llama`."""

    def __init__(self, captioner: LlavaForConditionalGeneration):
        super().__init__()
        text = captioner.config.text_config
        transformer = construct_transformer(_arguments(text))
        weights = captioner.model.language_model.state_dict() | {"lm_head.weight": captioner.lm_head.weight}
        known = transformer.state_dict()
        transformer.load_state_dict(known | {_official(name): value for name, value in weights.items() if _official(name) in known})
        self.transformer = replace_sdpa_with_custom_op(replace_kv_cache_with_custom_kv_cache(transformer))

    def forward(self, embeddings: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        return self.transformer(None, {"input_pos": position}, embeddings)


def _arguments(text: LlamaConfig) -> ModelArgs:
    return ModelArgs(
        dim=text.hidden_size,
        hidden_dim=text.intermediate_size,
        n_layers=text.num_hidden_layers,
        n_heads=text.num_attention_heads,
        n_kv_heads=text.num_key_value_heads,
        vocab_size=text.vocab_size,
        norm_eps=text.rms_norm_eps,
        rope_freq_base=text.rope_theta,
        use_hf_rope=True,  # the two halves of a head are rotated, not neighbors
        max_seq_len=text.max_position_embeddings,
        max_context_len=text.max_position_embeddings,
        use_kv_cache=True,
        enable_dynamic_shape=True,
        use_sdpa_with_kv_cache_op=True,
        apply_embedding=False,
    )


def _official(name: str) -> str:
    """What the example calls a weight of transformers' text model."""
    layer, _, rest = name.removeprefix("layers.").partition(".")
    part = (rest if layer.isdigit() else name).removesuffix(".weight")
    known = OFFICIAL_NAMES.get(part if layer.isdigit() or part == "lm_head" else f"model.{part}", part)
    return f"layers.{layer}.{known}.weight" if layer.isdigit() else f"{known}.weight"


def _constants(text: LlamaConfig) -> dict:
    return {
        "get_max_seq_len": text.max_position_embeddings,
        "get_max_context_len": text.max_position_embeddings,
        "get_vocab_size": text.vocab_size,
        "get_bos_id": text.bos_token_id,
        "get_eos_ids": [text.eos_token_id],
        "use_kv_cache": True,
        "use_sdpa_with_kv_cache": True,
        "enable_dynamic_shape": True,
    }
