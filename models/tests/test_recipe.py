"""The whole recipe on a tiny shape: train, export with export_llm, run with the official runner."""

import json
import math
from itertools import islice

import pytest
import torch
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from flink_executorch_models.official_runner import OfficialRunner, read_lines
from flink_executorch_models.tickets import hugging_face, weights
from flink_executorch_models.tickets import tokenizer as tokenizers
from flink_executorch_models.tickets.__main__ import main
from flink_executorch_models.tickets.corpus import tickets
from flink_executorch_models.tickets.export import export
from flink_executorch_models.tickets.train import Schedule, Shape, train

CONTEXT = 192


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipe")
    tokenizers.save(tokenizers.trained(vocabulary=500, seed=1, sample=500), folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    shape = Shape(tokenizer.get_vocab_size(), dim=64, n_layers=1, n_heads=2, n_kv_heads=1, hidden_dim=64)
    figures = train(shape, Schedule(steps=20, batch=16, warm_up=4), tokenizer, CONTEXT, folder)
    export(folder, CONTEXT, folder / "model.pte")
    return folder, figures


@pytest.fixture(scope="module")
def prompt():
    return min((ticket.prompt for ticket in islice(tickets(1, True), 50)), key=len)


def greedy(program, tokens: list[int], count: int) -> list[int]:
    """Greedy tokens by calling the program directly: the prompt in one step, then token by token."""
    position, step, result = 0, tokens, []
    for _ in range(count):
        logits = program.run_method("forward", (torch.tensor([step]), torch.tensor([position])))[0]
        position += len(step)
        step = [int(logits.argmax())]
        result += step
    return result


def test_training_learns(trained):
    _, figures = trained
    assert figures["final_loss"] < 0.9 * math.log(500)
    assert figures["training_tickets"] == 320


def test_exported_program_has_the_contract_of_export_llm(trained):
    program = _load_for_executorch(str(trained[0] / "model.pte"))
    constants = {
        "get_max_seq_len": CONTEXT,
        "get_max_context_len": CONTEXT,
        "get_n_layers": 1,
        "get_vocab_size": 500,
        "get_bos_id": 0,
        "get_eos_ids": 1,
        "use_kv_cache": True,
        "use_sdpa_with_kv_cache": True,
        "enable_dynamic_shape": True,
    }
    assert {name: program.run_method(name, ())[0] for name in constants} == constants
    assert set(program.method_names()) == {"forward", *constants}


def test_official_runner_speaks_the_tokens_of_the_program(trained, prompt):
    folder, _ = trained
    runner = OfficialRunner(folder / "model.pte", folder / "tokenizer.json")
    program = _load_for_executorch(str(folder / "model.pte"))
    expected = greedy(program, runner.tokenizer.encode(prompt).ids, 12)
    stop = expected.index(tokenizers.EOS_ID, 1) + 1 if tokenizers.EOS_ID in expected[1:] else len(expected)
    golden = runner.golden("one", prompt, 12)
    assert golden["tokens"] == expected[:stop]
    assert golden["promptTokens"] == runner.tokenizer.encode(prompt).ids


def test_runner_starts_every_prompt_afresh(trained, prompt):
    folder, _ = trained
    runner = OfficialRunner(folder / "model.pte", folder / "tokenizer.json")
    assert runner.generate(prompt, 8) == runner.generate(prompt, 8)


@pytest.fixture(scope="module")
def checkpoint(trained):
    folder, _ = trained
    shape = Shape(**json.loads((folder / "params.json").read_text()))
    return torch.load(folder / "checkpoint.pth", weights_only=True), shape


def test_weights_are_read_back_from_the_program(trained, checkpoint):
    folder, _ = trained
    expected, _ = checkpoint
    read = weights.read(folder / "model.pte")
    assert read.keys() == expected.keys()
    for name, value in read.items():
        # The scale is rounded too, so the largest weights are off by more than half a step.
        two_steps = expected[name].abs().amax(-1, keepdim=True) / 127 * 2
        is_linear = value.dim() == 2 and name != "tok_embeddings.weight"
        assert ((value - expected[name]).abs() <= (two_steps if is_linear else 0)).all(), name


def test_transformers_computes_what_was_trained(checkpoint, tmp_path):
    trained_weights, shape = checkpoint
    hugging_face.save(trained_weights, shape, CONTEXT, tmp_path)
    model = construct_transformer(ModelArgs(max_seq_len=CONTEXT, max_context_len=CONTEXT, **vars(shape)))
    model.load_state_dict(trained_weights)
    model.generate_full_logits = True
    tokens = torch.arange(100, 120).unsqueeze(0)
    with torch.no_grad():
        expected = model.eval()(tokens)
        logits = AutoModelForCausalLM.from_pretrained(tmp_path).eval()(tokens).logits
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


def test_corpus_step_writes_held_out_tickets(tmp_path):
    main(["corpus", "--build", str(tmp_path / "build"), "--sample", str(tmp_path / "sample"), "--held-out", "7"])
    lines = read_lines(tmp_path / "sample" / "tickets.jsonl")
    assert [line["id"] for line in lines] == [f"T-{number:04}" for number in range(1, 8)]
    assert (tmp_path / "sample" / "prompt-template.txt").read_text() == "Ticket: {{message}}\nJSON:"


def test_unknown_step_is_refused(tmp_path):
    with pytest.raises(SystemExit):
        main(["distill", "--build", str(tmp_path), "--sample", str(tmp_path)])
