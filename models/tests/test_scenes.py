import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from torch.nn.functional import cosine_similarity
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.official_runner import read_lines
from flink_executorch_models.scenes import data, mishearing, model, samples, tokenizer, train
from flink_executorch_models.scenes.__main__ import main
from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import is_held_out, scene
from flink_executorch_models.scenes.draw import drawn
from flink_executorch_models.scenes.reader import read, score
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS, PLURALS, SIZES

SCENES = 400


@pytest.mark.parametrize("held_out", [False, True])
def test_every_caption_says_what_the_scene_shows(held_out):
    source = random.Random(1)
    for number in range(SCENES):
        made = scene(5, number, held_out)
        text = caption(made, source)
        found = score(read(text), made.truth())
        assert found.perfect and found.sizes and found.setting and found.right == found.stated, (number, text)


def test_a_caption_of_another_scene_is_not_right():
    source, perfect = random.Random(1), 0
    for number in range(SCENES):
        other = caption(scene(5, number + 1, False), source)
        perfect += score(read(other), scene(5, number, False).truth()).perfect
    assert perfect == 0


def test_wrong_words_are_told_apart():
    truth = {
        "objects": [
            {"kind": "cat", "colour": "red", "size": "small", "count": 2},
            {"kind": "table", "colour": "blue", "size": "large", "count": 1},
        ],
        "relations": [{"subject": "cat", "relation": "on", "object": "table"}],
        "weather": "sunny",
        "time": "day",
    }
    assert score(read("Two small red cats on a large blue table."), truth).perfect
    assert not score(read("Two small pink cats on a large blue table."), truth).colours
    assert not score(read("A small red cat on a large blue table."), truth).counts
    assert not score(read("Two small red cats under a large blue table."), truth).relations
    assert not score(read("Two small red cats."), truth).named


def test_held_out_scenes_show_what_no_training_scene_shows():
    trained = set().union(*(scene(1, number, False).triples() for number in range(SCENES)))
    assert not any(is_held_out(*triple) for triple in trained)
    for number in range(50):
        assert scene(1, number, True).triples() - trained


def test_scenes_and_pictures_repeat():
    one, again = (data.pictures(3, 24, 96, 12, workers=workers) for workers in (1, 2))
    assert np.array_equal(one.pixels, again.pixels) and one.captions == again.captions
    assert np.array_equal(one.labels, again.labels)
    assert drawn(scene(3, 0, False), 40, 30).size == (40, 30)


def test_labels_name_what_is_drawn():
    for number in range(50):
        made = scene(9, number, False)
        told = {tuple(map(int, label)) for label in data.labels(made, 24)} - {(data.NOTHING,) * len(data.CLASSES)}
        shown = {(KINDS[kind - 1], COLOURS[colour - 1], SIZES[size - 1], count) for kind, colour, size, count in told}
        assert shown and shown <= {(group.kind, group.colour, group.size, group.count) for group in made.groups}


def test_every_word_is_a_token():
    made, source = tokenizer.trained(7, 2000), random.Random(2)
    for number in range(SCENES):
        text = caption(scene(11, number, True), source)
        ids = made.encode(text).ids
        assert made.token_to_id(tokenizer.UNKNOWN) not in ids and made.decode(ids) == text


def test_only_kinds_and_colours_are_misheard():
    words, source = tokenizer.trained(7, 2000), np.random.default_rng(5)
    said = words.encode("Two small red cats and a large blue house above three cups on a rainy day.")
    heard = [mishearing.Mishearing(words).heard(said.ids, source) for _ in range(2000)]
    others = {word: {words.id_to_token(ids[place])[1:] for ids in heard} for place, word in enumerate(said.tokens)}
    assert others["▁red"] == set(COLOURS) and others["▁house"] == set(KINDS)
    assert others["▁cats"] == set(PLURALS.values())
    assert all(others[word] == {word[1:]} for word in said.tokens if word[1:] not in {*COLOURS, *KINDS, *PLURALS.values()})
    wrong = sum(ids[3] != said.ids[3] for ids in heard) / len(heard)
    assert 0.1 < wrong < 0.4


def test_training_repeats_and_what_is_finished_is_kept(tmp_path):
    pictures, words = data.pictures(3, 16, model.SIDE, model.PATCH, workers=1), tokenizer.trained(7, 500)
    schedule = train.Schedule(steps=2, batch=4, warm_up=1)
    train.train(pictures, schedule, words, tmp_path)
    there = train.train(pictures, schedule, words, tmp_path)  # nothing is left to do
    whole = train.train(pictures, schedule, words, _folder(tmp_path, "whole"))
    for one, other in zip(there.parameters(), whole.parameters(), strict=True):
        assert one.equal(other)


def _folder(parent, name):
    folder = parent / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """Everything, but a model that has learned nothing."""
    build, sample = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("sample")
    sizes = ["--pictures", "16", "--training-steps", "1", "--held-out", "2", "--samples", "6"]
    with pytest.raises(SystemExit, match="train longer"):
        main(["--build", str(build), "--sample", str(sample), *sizes])
    return build, sample


def test_the_recipe_ends_with_figures(recipe):
    figures = json.loads((recipe[0] / "figures.json").read_text())
    for measured in ("eager", "program"):
        assert figures[measured]["scenes"] == 2 and figures[measured]["perfect"] == 0
    assert 2_000_000 <= figures["weights"] <= 6_000_000


def test_the_standard_program_computes_what_was_trained(recipe):
    build, sample = recipe
    captioner = LlavaForConditionalGeneration.from_pretrained(build / "hugging-face").eval()
    program = _load_for_executorch(str(sample / "model.pte"))
    pixels = train.normalized(data.pictures(3, 1, model.SIDE, model.PATCH, workers=1).pixels).contiguous()
    with torch.inference_mode():
        rows = captioner.model.multi_modal_projector(model.seen(captioner, pixels))
        logits = captioner.lm_head(captioner.model.language_model(inputs_embeds=rows).last_hidden_state[:, -1])
    found = program.run_method("vision_encoder", (pixels,))[0]
    assert found.shape == (1, model.PATCHES, rows.shape[-1])
    assert cosine_similarity(found.flatten(), rows.flatten(), 0) > 0.99  # the linear layers have 8 bits
    answer = program.run_method("text_decoder", (rows.clone(), torch.tensor([0])))[0]
    assert cosine_similarity(answer.flatten(), logits.flatten(), 0) > 0.99


def test_the_batched_program_has_the_contract_of_its_kind(recipe):
    program = _load_for_executorch(str(recipe[1] / "model-batched.pte"))
    constants = {"get_batched_abi": 1, "get_image_tokens": model.PATCHES, "get_max_context_len": model.CONTEXT}
    assert {name: program.run_method(name)[0] for name in constants} == constants
    assert program.method_meta("vision_encoder").input_tensor_meta(0).sizes()[1:] == (3, model.SIDE, model.SIDE)


def test_drawn_images_repeat_and_their_truth_is_told(recipe, tmp_path):
    samples.draw(tmp_path, 6, workers=1)
    lines = read_lines(tmp_path / "truth.jsonl")
    assert lines == read_lines(recipe[1] / "truth.jsonl")
    assert {Path(line["image"]).suffix for line in lines} == {".png", ".jpg", ".webp"}
    for line in lines:
        assert (tmp_path / line["image"]).read_bytes() == (recipe[1] / line["image"]).read_bytes()
        assert score(read(line["caption"]), line).perfect


def test_the_encoder_sees_as_the_library_does():
    torch.manual_seed(1)
    captioner = LlavaForConditionalGeneration(model.config(40)).eval()
    pixels = train.normalized(data.pictures(3, 2, model.SIDE, model.PATCH, workers=1).pixels)
    with torch.inference_mode():
        ours = captioner.model.multi_modal_projector(model.seen(captioner, pixels))
        theirs = captioner.model.get_image_features(pixels, -2, "default")
    assert torch.allclose(ours, torch.stack(tuple(theirs)), atol=1e-5)
