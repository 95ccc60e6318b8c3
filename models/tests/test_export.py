"""Batched modules against the library's own models, in eager PyTorch; files are checked by the exporter and the Java suite."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, MambaConfig

from flink_executorch_models.batched_goldens.oracle import random_model
from flink_executorch_models.batched_goldens.tiny_models import CONTEXT, MODELS
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.check import largest_difference
from flink_executorch_models.export.exporter import Options, load
from flink_executorch_models.export.families import NotExportable, check_family, prepare
from flink_executorch_models.export.lower import exported
from flink_executorch_models.export.merge import merge_linears
from flink_executorch_models.export.metadata import Limits, constants, special_ids
from flink_executorch_models.export.paged_attention import paged_attention
from flink_executorch_models.export.reference_attention import KeysAndValues, Run
from flink_executorch_models.export.rewrite import rewritten

LIMITS = Limits(step_tokens=128, step_rows=16, context=CONTEXT)
FLOAT = {tiny.name: tiny for tiny in MODELS if tiny.linear == "fp32"}
LENGTH = 70


@pytest.mark.parametrize("name", FLOAT)
def test_family_gives_the_logits_of_its_library(name, tmp_path):
    random_model(FLOAT[name], tmp_path)
    model, options = load(str(tmp_path), Options("fp32", "fp32", LIMITS))
    prepare(model, options.limits.context)
    merge_linears(model)
    program = exported(BatchedModel(model).eval(), LIMITS)
    graph = rewritten(program)
    ids = torch.randint(320, (LENGTH,), generator=torch.Generator().manual_seed(3))
    library = AutoModelForCausalLM.from_pretrained(tmp_path, attn_implementation="eager").eval()
    with torch.no_grad():
        wanted = library(ids.unsqueeze(0)).logits[0, [4, 49, 69]]
    pages, found = KeysAndValues(), []
    # The sequence in two steps; in the second, another one stands before it.
    steps = [([Run(0, 50, 0)], ids[:50], [4, 49]), ([Run(1, 9, 0), Run(0, 20, 50)], torch.cat((ids[:9], ids[50:])), [28])]
    for runs, tokens, rows in steps:
        positions = torch.cat([torch.arange(run.position, run.position + run.tokens) for run in runs])
        with torch.no_grad(), pages.step(*runs):
            found += [graph(tokens, positions, torch.tensor(rows))]
    assert largest_difference([torch.cat(found)], [wanted]) < 1e-4
    last = [node for node in graph.graph.nodes if node.target is paged_attention][-1]
    assert [user.target for user in last.users] == [torch.ops.aten.index_select.default], "rows are selected right behind"
    facts = constants(program, model, LIMITS, special_ids(model), "a template")
    assert facts["get_n_layers"] == len(facts["get_layer_windows"]) == 2
    assert facts["get_eos_ids"] == [1] and facts["get_bos_id"] == 0
    assert facts["get_chat_template_digest"] == hashlib.sha256(b"a template").hexdigest()


def test_unknown_attention_is_refused():
    with pytest.raises(NotExportable, match="model type 'mamba'.*Known types: .*llama.*optimum-executorch"):
        check_family(MambaConfig())


def test_more_positions_than_were_learned_are_refused(tmp_path):
    random_model(FLOAT["gpt2"], tmp_path)
    with pytest.raises(ValueError, match="learned 256 positions"):
        load(str(tmp_path), Options("fp32", "fp32", Limits(128, 16, 512)))


def test_windows_are_those_of_the_layers():
    config = AutoConfig.for_model("gemma3_text")
    check_family(config)
    assert FLOAT["gemma3"].config.layer_types == ["sliding_attention", "full_attention"]


def test_goldens_and_programs_belong_together():
    folder = Path(__file__).parents[2] / "sample-data" / "batched"
    lines = json.loads((folder / "goldens.json").read_text(encoding="utf-8"))
    media = json.loads((folder / "media.json").read_text(encoding="utf-8"))
    assert {f"{line['name']}.pte" for line in lines + media} == {file.name for file in folder.glob("*.pte")}
    assert [line["name"] for line in lines] == [tiny.name for tiny in MODELS]
    assert sum(file.stat().st_size for file in folder.iterdir()) < 16_000_000
