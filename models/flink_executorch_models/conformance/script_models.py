"""Programs that no exporter writes but a script of one's own may: exported with `torch.export` alone."""

from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes import MemoryPlanningPass
from torch.export import Dim, ExportedProgram, export

from flink_executorch_models.conformance.exporters import random_weights
from flink_executorch_models.conformance.manifest import Entry
from flink_executorch_models.conformance.tokenizer import VOCABULARY

CONTEXT, CHUNK = 128, 32
PARAMS = {"dim": 32, "hidden_dim": 64, "n_heads": 4, "n_kv_heads": 2, "n_layers": 2, "vocab_size": VOCABULARY}
CONSTANTS = {
    "get_max_seq_len": CHUNK,
    "get_max_context_len": CONTEXT,
    "get_vocab_size": VOCABULARY,
    "get_eos_ids": [1],
    "use_kv_cache": True,
    "use_sdpa_with_kv_cache": False,
    "enable_dynamic_shape": True,
}


class Step(torch.nn.Module):
    """The transformer behind two inputs; it wants the first position, however many it is given."""

    def __init__(self, dynamic: bool):
        super().__init__()
        limits = {"max_seq_len": CHUNK, "max_context_len": CONTEXT, "use_kv_cache": True}
        arguments = ModelArgs(**PARAMS, **limits, enable_dynamic_shape=dynamic, generate_full_logits=dynamic)
        self.transformer = construct_transformer(arguments).eval()
        self.transformer.load_state_dict(random_weights(PARAMS, deviation=0.25), strict=False)

    def forward(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        return self.transformer(tokens, {"input_pos": positions[:1]})


def _prefill_and_decode(work: Path) -> None:
    length = Dim("length", min=2, max=CHUNK)
    prefill = _exported(Step(dynamic=True), 3, ({1: length}, {0: length}))
    decode = _exported(Step(dynamic=False), 1, None)
    methods = {"prefill": prefill, "decode": decode}
    lowered = to_edge_transform_and_lower(methods, partitioner=[XnnpackPartitioner()], constant_methods=CONSTANTS)
    one_cache = MemoryPlanningPass(share_mutable_buffers=True)
    program = lowered.to_executorch(ExecutorchBackendConfig(memory_planning_pass=one_cache))
    (work / "model.pte").write_bytes(program.buffer)


def _exported(step: Step, tokens: int, dynamic_shapes) -> ExportedProgram:
    inputs = (torch.ones(1, tokens, dtype=torch.long), torch.arange(tokens))
    with torch.no_grad(), torch.nn.attention.sdpa_kernel([torch.nn.attention.SDPBackend.MATH]):
        return export(step, inputs, dynamic_shapes=dynamic_shapes, strict=True)


ENTRIES = [
    Entry(
        "prefill-decode-script",
        "Llama 2",
        "torch.export script",
        "prefill (dynamic T, position per token, full logits) and decode (T = 1, one position, last logits) over one "
        "KV cache, plain attention, fp32",
        _prefill_and_decode,
        conversations=True,
        not_official="it gives each method a cache of its own, so decode does not see the prompt",
    )
]
