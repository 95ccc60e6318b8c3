"""The committed artifacts against the official runner."""

import json
from pathlib import Path

import pytest
import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from flink_executorch_models.official_runner import OfficialRunner, read_lines
from flink_executorch_models.scenes import samples
from flink_executorch_models.scenes.evaluate import StandardProgram, evaluate
from flink_executorch_models.tickets import hugging_face, weights
from flink_executorch_models.tickets.corpus import PROMPT_TEMPLATE
from flink_executorch_models.tickets.evaluate import MAX_NEW_TOKENS
from flink_executorch_models.tickets.train import Shape

SAMPLES = Path(__file__).parents[2] / "sample-data"
TICKETS = SAMPLES / "tickets"
SCENES = SAMPLES / "scenes"
OPTIMUM = SAMPLES / "conformance" / "optimum-llama"


@pytest.fixture(scope="module")
def tickets_runner():
    return OfficialRunner(TICKETS / "model.pte", TICKETS / "tokenizer.json")


@pytest.mark.parametrize("golden", read_lines(TICKETS / "goldens.jsonl")[:5], ids=lambda golden: golden["id"])
def test_sample_model_gives_its_goldens(tickets_runner, golden):
    assert tickets_runner.golden(golden["id"], golden["prompt"], MAX_NEW_TOKENS) == golden


def test_sample_model_answers_held_out_tickets(tickets_runner):
    tickets = read_lines(TICKETS / "tickets.jsonl")[:100]
    prompts = [PROMPT_TEMPLATE.replace("{{message}}", ticket["message"]) for ticket in tickets]
    texts = [tickets_runner.golden("", prompt, MAX_NEW_TOKENS)["text"] for prompt in prompts]
    right = sum(text == ticket["expectedJson"] for text, ticket in zip(texts, tickets, strict=True))
    assert right >= 97


@pytest.fixture(scope="module")
def hugging_face_model(tmp_path_factory):
    """What the batched program is exported from."""
    folder = tmp_path_factory.mktemp("hugging-face")
    hugging_face.save(weights.read(TICKETS / "model.pte"), Shape(vocab_size=1617), 256, folder)
    return AutoModelForCausalLM.from_pretrained(folder).eval()


@pytest.mark.parametrize("golden", read_lines(TICKETS / "goldens.jsonl")[:5], ids=lambda golden: golden["id"])
def test_weights_of_the_batched_sample_model_give_the_goldens_too(hugging_face_model, golden):
    prompt = torch.tensor([golden["promptTokens"]])
    tokens = hugging_face_model.generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=MAX_NEW_TOKENS, pad_token_id=1
    )
    assert tokens[0, prompt.shape[1] :].tolist() == golden["tokens"]


def test_batched_sample_model_has_the_contract_of_batched_programs():
    program = _load_for_executorch(str(TICKETS / "model-batched.pte"))
    constants = {
        "get_batched_abi": 1,
        "get_n_layers": 4,
        "get_n_kv_heads": 2,
        "get_head_dim": 32,
        "get_max_step_tokens": 512,
        "get_max_step_rows": 128,
        "get_vocab_size": 1617,
        "get_max_context_len": 256,
        "get_bos_id": 0,
        "get_eos_ids": 1,
    }
    assert {name: program.run_method(name, ())[0] for name in constants} == constants


def test_batched_sample_model_multiplies_on_packed_kernels():
    program = (TICKETS / "model-batched.pte").read_bytes()
    assert b"llm::linear_8da8w" in program
    assert b"XnnpackBackend" not in program


@pytest.mark.parametrize("golden", read_lines(OPTIMUM / "goldens.jsonl"), ids=lambda golden: golden["id"])
def test_conformance_artifact_gives_its_goldens(golden):
    runner = OfficialRunner(OPTIMUM / "model.pte", OPTIMUM / "tokenizer.json")
    assert runner.generate(golden["prompt"], len(golden["tokens"])) == golden["tokens"]


def test_sample_tickets_are_held_out_and_complete():
    tickets = read_lines(TICKETS / "tickets.jsonl")
    assert len({ticket["id"] for ticket in tickets}) == 500
    for ticket in tickets:
        assert json.loads(ticket["expectedJson"]) == ticket["expected"]
    template = (TICKETS / "prompt-template.txt").read_text(encoding="utf-8")
    assert template == PROMPT_TEMPLATE


def test_sample_model_is_small():
    assert sum((TICKETS / name).stat().st_size for name in ("model.pte", "model-batched.pte", "tokenizer.json")) < 5_000_000


def test_captioner_captions_held_out_scenes():
    words = Tokenizer.from_file(str(SCENES / "tokenizer.json"))
    figures = evaluate(StandardProgram(SCENES / "model.pte", words).captions, 100)
    assert figures["perfect"] >= 0.85 and figures["things_named"] >= 0.95


def test_sample_images_are_what_the_recipe_draws(tmp_path):
    samples.draw(tmp_path, 60)
    assert read_lines(tmp_path / "truth.jsonl") == read_lines(SCENES / "truth.jsonl")
    drawn, committed = ({file.name: file.read_bytes() for file in (folder / "images").iterdir()} for folder in (tmp_path, SCENES))
    assert drawn == committed
